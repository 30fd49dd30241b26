"""One query vector beside all passages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray

if TYPE_CHECKING:
    from knowledge_base.dense.vectors import VectorIndex


class Scan(NamedTuple):
    """One query vector beside the passages.

    Attributes:
        unit: the vector, float32 of shape (dim,), of length 1 or 0.
        every: cosine of every passage, float32 of shape (n_passages,); None where there are too many.
    """

    vectors: VectorIndex
    unit: FloatArray
    every: FloatArray | None

    def cosines(self, ids: NDArray[np.int64]) -> FloatArray:
        """Exact cosines of some passages: float32 of shape (len(ids),), in [-1, 1]."""
        return self.vectors.cosines(self.unit, ids) if self.every is None else self.every.take(ids)

    def nearest(self, k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Numbers of the k nearest passages, or more, in no order; fewer where there are fewer.

        Args:
            k: how many, ≥ 0.
            allowed: only these passages, bool of shape (n_passages,); all by default.
        """
        n_allowed = self.vectors.size if allowed is None else int(np.count_nonzero(allowed))
        if min(k, n_allowed) <= 0 or not self.unit @ self.unit:
            return np.zeros(0, np.int64)
        if n_allowed <= k:
            return np.arange(self.vectors.size) if allowed is None else np.flatnonzero(allowed)
        if self.every is None:
            return self.vectors.found(self.unit, k, allowed)
        cosines = self.every if allowed is None else np.where(allowed, self.every, np.float32(-2))
        return cosines.argpartition(-k)[-k:]
