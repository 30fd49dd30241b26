"""The n-grams of training texts counted once, so that the vocabulary of any part of them follows without reading again.

A ticket that says how far a model can be trusted must not have helped to choose its vocabulary either: an n-gram that
two tickets share is dropped as rare once one of the two is held out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.adapters.models.linear.ngrams import Entries, Kind, NgramBlock, Rows, columns_of, tfidf_entries


@dataclass(frozen=True, slots=True)
class NgramCounts:
    """How often each n-gram stands in each of n folded texts.

    Attributes:
        ngrams: all of them, in the order in which they were met.
        counts: integers, shape (n, n_ngrams), the columns of each row in order.
    """

    kind: Kind
    ngrams: tuple[str, ...]
    counts: Rows

    @classmethod
    def of(cls, kind: Kind, texts: Sequence[str]) -> Self:
        """Count the n-grams of folded texts."""
        numbers: dict[str, int] = {}
        cut: dict[str, NDArray[np.int32]] = {}

        def learn(ngrams: Sequence[str]) -> Iterable[int]:
            return (numbers.setdefault(ngram, len(numbers)) for ngram in ngrams)

        found = [np.unique(columns_of(kind, text, learn, cut), return_counts=True) for text in texts]
        starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
        columns = np.concatenate([np.empty(0, np.int32), *(columns for columns, _ in found)])
        counts = np.concatenate([np.empty(0, np.int32), *(counts.astype(np.int32) for _, counts in found)])
        shape = len(texts), len(numbers)
        return cls(kind, tuple(numbers), sparse.csr_matrix((counts, columns, starts), shape=shape))

    def take(self, rows: NDArray[np.intp]) -> NgramCounts:
        """The counts of some of the texts, in the given order."""
        return NgramCounts(self.kind, self.ngrams, self.counts[rows])

    def learn(self, *, min_df: int, max_features: int) -> tuple[NgramBlock, Entries]:
        """Vocabulary and idf of the texts, and by these what stands in their TF-IDF rows.

        Args:
            min_df: least number of texts an n-gram must stand in.
            max_features: at most so many n-grams are kept, the most frequent ones.
        """
        n = self.counts.shape[0]
        frequency = np.bincount(self.counts.indices, minlength=len(self.ngrams))
        frequent = np.flatnonzero(frequency >= min_df)
        if len(frequent) > max_features:
            frequent = np.sort(frequent[np.argsort(-frequency[frequent], kind="stable")[:max_features]])
        idf = np.log((1 + n) / (1 + frequency[frequent])) + 1
        block = NgramBlock(self.kind, [self.ngrams[column] for column in frequent], idf.astype(np.float32))
        column_of = np.full(len(self.ngrams), -1, dtype=np.int64)
        column_of[frequent] = np.arange(len(frequent))
        columns = column_of[self.counts.indices]
        known = columns >= 0
        rows = np.repeat(np.arange(n), np.diff(self.counts.indptr))[known]
        return block, tfidf_entries(rows, columns[known], self.counts.data[known], block.idf, n)
