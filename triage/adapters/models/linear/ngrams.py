"""Word and character n-grams of a folded text, weighted by TF-IDF; fast because each word is cut up only once.

The numbers are those of scikit-learn's ``TfidfVectorizer(sublinear_tf=True)`` with ``analyzer="word"``, words 1-2, and
``analyzer="char_wb"``, characters 2-5: a test compares them. scikit-learn itself is not needed here.

Where there are very many texts, two words say something together even with others between them ("account … locked"):
the ``spread`` kind of n-grams holds those pairs, too.

Source: Salton & Buckley 1988, "Term-weighting approaches in automatic text retrieval" (log tf × idf). Guthrie et al.
2006, "A Closer Look at Skip-gram Modelling" (words apart).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Kind = Literal["word", "spread", "char"]
Rows = sparse.csr_matrix
Lookup = Callable[[Sequence[str]], Iterable[int]]
"""The column of each n-gram, in order."""

SHORTEST_CHAR_NGRAM, LONGEST_CHAR_NGRAM = 2, 5
REACH: dict[str, int] = {"word": 1, "spread": 4}  # how far the two words of a pair may stand apart
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
        kind: ``word`` (one or two words), ``spread`` (one word or two, up to three others between them) or ``char``
            (2-5 characters within a word and its edges).
        vocabulary: the n-grams, in the order of their columns.
        idf: float32, shape (n_ngrams,), > 0.
    """

    def __init__(self, kind: Kind, vocabulary: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.kind: Kind = kind
        self.vocabulary = tuple(vocabulary)
        self.idf = idf.astype(np.float32)
        self._column_of = {ngram: column for column, ngram in enumerate(self.vocabulary)}
        self._cut: dict[str, NDArray[np.int32]] = {}

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
        return tfidf_entries(row_of, column_of, counts, self.idf, len(texts))

    def columns(self, text: str) -> NDArray[np.int32]:
        """Column of every n-gram of a folded text, as often as it stands there; -1 for an unknown one."""
        return columns_of(self.kind, text, self._known, self._cut)

    def columns_by_word(self, text: str) -> list[NDArray[np.int32]]:
        """Columns of the character n-grams of each word of a folded text; -1 for an unknown one."""
        return _columns_by_word(text, self._known, self._cut)

    def _known(self, ngrams: Sequence[str]) -> Iterable[int]:
        return map(self._column_of.get, ngrams, repeat(-1))


def matrix_of(entries: Entries, shape: tuple[int, int]) -> Rows:
    """The matrix that holds these entries."""
    starts = np.searchsorted(entries.rows, np.arange(shape[0] + 1)).astype(np.int32)
    return sparse.csr_matrix((entries.values, entries.columns, starts), shape=shape, dtype=np.float32)


def tfidf_entries(
    rows: NDArray[np.intp], columns: NDArray[np.intp], counts: NDArray[np.intp], idf: NDArray[np.float32], n_rows: int
) -> Entries:
    """TF-IDF of counted n-grams, each row of length one.

    Args:
        rows: row of each count, in order.
        columns: column of each count.
        counts: how often the n-gram stands in the text, > 0.
        idf: shape (n_ngrams,).
    """
    values = (1 + np.log(counts)).astype(np.float32) * idf[columns]
    lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=n_rows))
    values /= lengths[rows].astype(np.float32)
    return Entries(rows, columns.astype(np.int32), values)


def columns_of(kind: Kind, text: str, columns: Lookup, cut: dict[str, NDArray[np.int32]]) -> NDArray[np.int32]:
    """The column of every n-gram of a folded text, as often as it stands there.

    Args:
        cut: columns of the character n-grams of words met before.
    """
    if kind == "char":
        return np.concatenate([np.empty(0, dtype=np.int32), *_columns_by_word(text, columns, cut)])
    ngrams = word_ngrams(REACH[kind], WORD.findall(text))
    return np.fromiter(columns(ngrams), dtype=np.int32, count=len(ngrams))


def word_ngrams(reach: int, words: Sequence[str]) -> list[str]:
    """Each word, then the pairs of words up to ``reach`` apart, near ones first.

    >>> word_ngrams(1, ["no", "screen", "signal"])
    ['no', 'screen', 'signal', 'no screen', 'screen signal']
    >>> word_ngrams(4, ["no", "screen", "signal"])[5:]
    ['no signal']
    """
    ngrams = list(words)
    for apart in range(1, reach + 1):
        ngrams += map(" ".join, zip(words, words[apart:], strict=False))
    return ngrams


def word_owners(reach: int, n_words: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number of the first and of the last word of each of :func:`word_ngrams`; the same one twice for a single word."""
    words = np.arange(n_words)
    apart = [min(distance, n_words) for distance in range(1, reach + 1)]
    first = np.concatenate([words, *(words[: n_words - distance] for distance in apart)])
    last = np.concatenate([words, *(words[distance:] for distance in apart)])
    return first, last


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
