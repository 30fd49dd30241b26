"""Word and character n-grams of a folded text, weighted by TF-IDF; fast because each word is cut up only once.

The numbers are those of scikit-learn's ``TfidfVectorizer(sublinear_tf=True)`` with ``analyzer="word"``, words 1-2, and
``analyzer="char_wb"``, characters 2-5: a test compares them. scikit-learn itself is not needed here.

Source: Salton & Buckley 1988, "Term-weighting approaches in automatic text retrieval" (log tf × idf).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Kind = Literal["word", "char"]
Rows = sparse.csr_matrix

SHORTEST_CHAR_NGRAM, LONGEST_CHAR_NGRAM = 2, 5
_WORD = re.compile(r"\b\w\w+\b")
_CACHED_WORDS = 200_000


@dataclass(frozen=True, slots=True)
class Spans:
    """Where the n-grams of one text lie: ``ids[i]`` covers the characters ``starts[i]:ends[i]``; all of length n."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]


class NgramBlock:
    """TF-IDF over one kind of n-grams.

    Args:
        kind: ``word`` (one or two words) or ``char`` (2-5 characters within a word and its edges).
        vocabulary: the n-grams, in the order of their columns.
        idf: float32, shape (n_ngrams,), > 0.
    """

    def __init__(self, kind: Kind, vocabulary: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.kind: Kind = kind
        self.vocabulary = tuple(vocabulary)
        self.idf = idf.astype(np.float32)
        self._columns = {ngram: column for column, ngram in enumerate(self.vocabulary)}
        self._cut: dict[str, NDArray[np.int32]] = {}

    @classmethod
    def fit(cls, kind: Kind, texts: Sequence[str], *, min_df: int, max_features: int) -> NgramBlock:
        """Learn the vocabulary and its idf from folded texts.

        Args:
            min_df: least number of texts an n-gram must stand in.
            max_features: at most so many n-grams are kept, the most frequent ones.
        """
        columns: dict[str, int] = {}
        cut: dict[str, NDArray[np.int32]] = {}

        def learn(ngram: str) -> int:
            return columns.setdefault(ngram, len(columns))

        distinct = [np.unique(_columns_of(kind, text, learn, cut)) for text in texts]
        flat = np.concatenate(distinct) if distinct else np.empty(0, dtype=np.int32)
        frequency = np.bincount(flat, minlength=len(columns))
        frequent = np.flatnonzero(frequency >= min_df)
        if len(frequent) > max_features:
            frequent = np.sort(frequent[np.argsort(-frequency[frequent], kind="stable")[:max_features]])
        ngrams = list(columns)
        idf = np.log((1 + len(texts)) / (1 + frequency[frequent])) + 1
        return cls(kind, [ngrams[column] for column in frequent], idf.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> Rows:
        """TF-IDF rows of folded texts: float32, shape (n_texts, n_ngrams), rows of length one or all zero."""
        found = [_columns_of(self.kind, text, self._column, self._cut) for text in texts]
        found = [columns[columns >= 0] for columns in found]
        rows = np.repeat(np.arange(len(texts), dtype=np.int64), [len(columns) for columns in found])
        flat = np.concatenate(found) if found else np.empty(0, dtype=np.int32)
        width = len(self.vocabulary)
        keys, counts = np.unique(rows * width + flat, return_counts=True)
        row_of, column_of = np.divmod(keys, max(width, 1))
        values = (1 + np.log(counts)).astype(np.float32) * self.idf[column_of]
        lengths = np.sqrt(np.bincount(row_of, weights=values * values, minlength=len(texts)))
        values /= lengths[row_of].astype(np.float32)
        starts = np.searchsorted(row_of, np.arange(len(texts) + 1))
        return sparse.csr_matrix((values, column_of, starts), shape=(len(texts), width), dtype=np.float32)

    def spans(self, text: str) -> Spans:
        """The known n-grams of one folded text with their places, for explaining a prediction."""
        places = _word_places(text) if self.kind == "word" else _char_places(text)
        known = [(self._columns[ngram], start, end) for ngram, start, end in places if ngram in self._columns]
        ids, starts, ends = np.asarray(known, dtype=np.int32).reshape(-1, 3).T
        return Spans(ids, starts, ends)

    def _column(self, ngram: str) -> int:
        return self._columns.get(ngram, -1)


def _columns_of(
    kind: Kind, text: str, column: Callable[[str], int], cut: dict[str, NDArray[np.int32]]
) -> NDArray[np.int32]:
    """Column of every n-gram of a text, as often as it stands there; -1 for an unknown one."""
    if kind == "word":
        words = _WORD.findall(text)
        ngrams = [*words, *map(" ".join, pairwise(words))]
        return np.fromiter(map(column, ngrams), dtype=np.int32, count=len(ngrams))
    words = text.split()
    pieces = [cut.get(word) for word in words]
    for place, word in enumerate(words):
        if pieces[place] is None:
            if len(cut) >= _CACHED_WORDS:
                cut.clear()
            columns = np.fromiter(map(column, char_ngrams(word)), dtype=np.int32)
            pieces[place] = cut[word] = columns
    known = [piece for piece in pieces if piece is not None]
    return np.concatenate(known) if known else np.empty(0, dtype=np.int32)


def char_ngrams(word: str) -> list[str]:
    """Character n-grams of a word between two spaces, short to long.

    >>> char_ngrams("nie")[:6]
    [' n', 'ni', 'ie', 'e ', ' ni', 'nie']
    """
    return [ngram for ngram, _, _ in _char_places_in(word, 0)]


def _char_places_in(word: str, offset: int) -> list[tuple[str, int, int]]:
    """N-grams of one word with their places; an edge space covers nothing."""
    padded = f" {word} "
    places = []
    for length in range(SHORTEST_CHAR_NGRAM, min(LONGEST_CHAR_NGRAM, len(padded)) + 1):
        for start in range(len(padded) - length + 1):
            inside = (max(start - 1, 0), min(start + length - 1, len(word)))
            places.append((padded[start : start + length], offset + inside[0], offset + inside[1]))
    return places


def _char_places(text: str) -> list[tuple[str, int, int]]:
    return [place for word in re.finditer(r"\S+", text) for place in _char_places_in(word.group(), word.start())]


def _word_places(text: str) -> list[tuple[str, int, int]]:
    words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    pairs = [(f"{a} {b}", start, end) for (a, start, _), (b, _, end) in pairwise(words)]
    return [*words, *pairs]
