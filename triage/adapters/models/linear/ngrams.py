"""Word and character n-grams of a folded text, weighted by TF-IDF; fast because each word is cut up only once.

The numbers are those of scikit-learn's ``TfidfVectorizer(sublinear_tf=True)`` with ``analyzer="word"``, words 1-2, and
``analyzer="char_wb"``, characters 2-5: a test compares them. scikit-learn itself is not needed here.

Source: Salton & Buckley 1988, "Term-weighting approaches in automatic text retrieval" (log tf × idf).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Kind = Literal["word", "char"]
Rows = sparse.csr_matrix
Lookup = Callable[[Sequence[str]], Iterable[int]]
"""The column of each n-gram, in order."""

SHORTEST_CHAR_NGRAM, LONGEST_CHAR_NGRAM = 2, 5
WORD = re.compile(r"\b\w\w+\b")
_CACHED_WORDS = 200_000


@dataclass(frozen=True, slots=True)
class Entries:
    """What stands in the rows of a matrix: one of ``columns`` (int32) and ``values`` (float32) for each entry.

    Attributes:
        rows: int64, in order; the columns of each row are, too.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]


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
        self._column_of = {ngram: column for column, ngram in enumerate(self.vocabulary)}
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

        def learn(ngrams: Sequence[str]) -> Iterable[int]:
            return (columns.setdefault(ngram, len(columns)) for ngram in ngrams)

        distinct = [np.unique(_columns(kind, text, learn, cut)) for text in texts]
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
        return matrix_of(self.entries(texts), (len(texts), len(self.vocabulary)))

    def entries(self, texts: Sequence[str]) -> Entries:
        """What stands in the rows of :meth:`transform`."""
        found = [columns[columns >= 0] for columns in map(self.columns, texts)]
        rows = np.repeat(np.arange(len(texts), dtype=np.int64), [len(columns) for columns in found])
        flat = np.concatenate(found) if found else np.empty(0, dtype=np.int32)
        width = len(self.vocabulary)
        keys, counts = np.unique(rows * width + flat, return_counts=True)
        row_of, column_of = np.divmod(keys, max(width, 1))
        values = (1 + np.log(counts)).astype(np.float32) * self.idf[column_of]
        lengths = np.sqrt(np.bincount(row_of, weights=values * values, minlength=len(texts)))
        values /= lengths[row_of].astype(np.float32)
        return Entries(row_of, column_of.astype(np.int32), values)

    def columns(self, text: str) -> NDArray[np.int32]:
        """Column of every n-gram of a folded text, as often as it stands there; -1 for an unknown one."""
        return _columns(self.kind, text, self._known, self._cut)

    def columns_by_word(self, text: str) -> list[NDArray[np.int32]]:
        """Columns of the character n-grams of each word of a folded text; -1 for an unknown one."""
        return _columns_by_word(text, self._known, self._cut)

    def _known(self, ngrams: Sequence[str]) -> Iterable[int]:
        return map(self._column_of.get, ngrams, repeat(-1))


def matrix_of(entries: Entries, shape: tuple[int, int]) -> Rows:
    """The matrix that holds these entries."""
    starts = np.searchsorted(entries.rows, np.arange(shape[0] + 1)).astype(np.int32)
    return sparse.csr_matrix((entries.values, entries.columns, starts), shape=shape, dtype=np.float32)


def _columns(kind: Kind, text: str, columns: Lookup, cut: dict[str, NDArray[np.int32]]) -> NDArray[np.int32]:
    if kind == "word":
        words = WORD.findall(text)
        ngrams = [*words, *map(" ".join, pairwise(words))]
        return np.fromiter(columns(ngrams), dtype=np.int32, count=len(ngrams))
    return np.concatenate([np.empty(0, dtype=np.int32), *_columns_by_word(text, columns, cut)])


def _columns_by_word(text: str, columns: Lookup, cut: dict[str, NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    pieces = []
    for word in text.split():
        piece = cut.get(word)
        if piece is None:
            if len(cut) >= _CACHED_WORDS:
                cut.clear()
            ngrams = char_ngrams(word)
            piece = cut[word] = np.fromiter(columns(ngrams), dtype=np.int32, count=len(ngrams))
        pieces.append(piece)
    return pieces


def char_ngrams(word: str) -> list[str]:
    """Character n-grams of a word between two spaces, short to long.

    >>> char_ngrams("nie")[:6]
    [' n', 'ni', 'ie', 'e ', ' ni', 'nie']
    """
    padded = f" {word} "
    return [
        padded[start : start + length]
        for length in range(SHORTEST_CHAR_NGRAM, min(LONGEST_CHAR_NGRAM, len(padded)) + 1)
        for start in range(len(padded) - length + 1)
    ]
