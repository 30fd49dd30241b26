"""Which texts have which terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray


class Postings(NamedTuple):
    """Which texts have some terms, term by term.

    Attributes:
        columns: of the terms, int64 of shape (n_columns,).
        texts: ascending for each term, int32 of shape (n_postings,).
        scores: of the texts for the term, float32 of shape (n_postings,).
        lengths: how many texts each term has, int64 of shape (n_columns,), > 0.
    """

    columns: NDArray[np.int64]
    texts: NDArray[np.int32]
    scores: FloatArray
    lengths: NDArray[np.int64]

    def part(self, first: int, count: int) -> Postings:
        """Those of ``count`` terms from ``first`` on."""
        if count == len(self.columns):
            return self
        begin, size = int(self.lengths[:first].sum()), int(self.lengths[first : first + count].sum())
        columns, lengths = self.columns[first : first + count], self.lengths[first : first + count]
        return Postings(columns, self.texts[begin : begin + size], self.scores[begin : begin + size], lengths)


def held_by(parts: Sequence[Postings], ids: NDArray[np.int64], n_texts: int) -> FloatArray:
    """1 where one of some different texts has a term, else 0: float32 of shape (n_terms, len(ids)).

    Args:
        parts: postings of terms.
        ids: numbers of the texts.
    """
    places = np.full(n_texts, -1, np.int32)
    places[ids] = np.arange(len(ids), dtype=np.int32)
    of_texts = places.take(np.concatenate([part.texts for part in parts]))
    found = (of_texts >= 0).nonzero()[0]
    ends = np.concatenate([part.lengths for part in parts]).cumsum()
    held = np.zeros((len(ends), len(ids)), np.float32)
    held[ends.searchsorted(found, side="right"), of_texts.take(found)] = 1
    return held
