"""Which of some thousand vectors may be the nearest, found by eight bits a number.

Comparing a query with every vector takes as long as reading them all. Of vectors rounded to eight bits a quarter is
read, and how far rounding can move a cosine is known: by no more than the length of what it took from the vector. So
all that may be among the nearest are found, about twice as many as are asked for, and only of these exact cosines are
needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import FloatArray

_LARGEST: Final = 127
_AT_ONCE: Final = 1024
# Of sums of 32-bit floats, above what rounding the vectors does.
_SUMMED: Final = 1e-5


@dataclass(frozen=True, slots=True)
class RoundedVectors:
    """Vectors of length 1 or 0 in eight bits a number.

    Attributes:
        rows: int8 of shape (n, dim).
        scales: what a row is multiplied with, float32 of shape (n,).
        error: greatest length of what rounding took from a vector.
    """

    rows: NDArray[np.int8]
    scales: FloatArray
    error: float

    @classmethod
    def of(cls, vectors: FloatArray) -> Self:
        """Round vectors, float32 of shape (n, dim)."""
        rows, scales, error = np.empty(vectors.shape, np.int8), np.empty(len(vectors), np.float32), 0.0
        for first in range(0, len(vectors), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            largest = np.abs(vectors[some]).max(axis=1, initial=0)
            scales[some] = np.where(largest > 0, largest, 1) / np.float32(_LARGEST)
            rows[some] = np.rint(vectors[some] / scales[some, None])
            taken = vectors[some] - rows[some] * scales[some, None]
            error = max(error, float(np.linalg.norm(taken, axis=1).max(initial=0)))
        return cls(rows, scales, error)

    def nearest(
        self, vectors: FloatArray, unit: FloatArray, k: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Numbers of the k nearest vectors, in no order.

        Args:
            vectors: which were rounded.
            unit: the query's vector, of length 1.
            k: how many, at most as many as are allowed.
            allowed: only these, bool of shape (n,); None: all.
        """
        ids = np.empty(k, np.int64)
        slack = 2 * (self.error + _SUMMED)
        n_found = kernels.near(self.rows, self.scales, vectors, np.ascontiguousarray(unit), slack, allowed, ids)
        return ids[:n_found]
