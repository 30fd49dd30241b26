"""Vectors of what a passage is called and of its sentences, eight bits a number.

The vector of a whole passage blurs what a single sentence says; the nearest sentence and the nearest name (heading,
other words for it) speak for themselves. Only the candidates of a query are read, so the vectors stay in a file.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import Encoder, FloatArray

_ROWS: Final = "segments.npy"
_NORMS: Final = "segments.norms.npy"
_BOUNDS: Final = "segments.bounds.npy"
_LARGEST: Final = 127
_BATCH: Final = 2048
# Rows read at a time: as floats they stay in the processor's cache. A multiple of what a matrix product does at once.
_READ: Final = 256
# Of each passage: where its names begin, where its sentences do, and where these end.
_BOUNDS_OF_ONE: Final = np.array([[0], [1], [2]])


@dataclass(frozen=True, slots=True)
class Segments:
    """Names and sentences of passages.

    Attributes:
        rows: int8 of shape (n_segments, dim), each scaled to use all eight bits.
        norms: lengths of the rows, float32 of shape (n_segments,); 0 for a text the encoder does not know.
        bounds: int64 of shape (2 · n_passages + 1,): names of passage i are the rows from ``bounds[2i]``, its sentences
            those from ``bounds[2i + 1]`` to ``bounds[2i + 2]``; both at least one row.
    """

    rows: NDArray[np.int8]
    norms: FloatArray
    bounds: NDArray[np.int64]

    @classmethod
    def encode(cls, texts: Sequence[tuple[Sequence[str], Sequence[str]]], encoder: Encoder) -> Self:
        """Names and sentences, neither empty, of each passage; those that several share are encoded once."""
        flat = [text for both in texts for part in both for text in part]
        counts = [len(part) for both in texts for part in both]
        distinct = [*dict.fromkeys(flat)]
        batches = [_quantised(encoder.encode(distinct[i : i + _BATCH])) for i in range(0, len(distinct), _BATCH)]
        rows = np.concatenate(batches) if batches else np.zeros((0, encoder.dim), np.int8)
        numbers = np.fromiter(map(dict(zip(distinct, count(), strict=False)).__getitem__, flat), np.intp, len(flat))
        bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(rows.take(numbers, axis=0), _norms(rows).take(numbers), bounds)

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Those of several documents behind one another; at least one part."""
        shifts = np.cumsum([0, *(len(part.rows) for part in parts)])
        bounds = [part.bounds[:-1] + shift for part, shift in zip(parts, shifts[:-1], strict=True)]
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.norms for part in parts]),
            np.concatenate([*bounds, shifts[-1:]]).astype(np.int64),
        )

    def __len__(self) -> int:
        return len(self.bounds) // 2

    def part(self, first: int, count: int) -> Segments:
        """Those of ``count`` passages from ``first`` on."""
        bounds = self.bounds[2 * first : 2 * (first + count) + 1]
        rows = slice(int(bounds[0]), int(bounds[-1]))
        return Segments(np.asarray(self.rows[rows]), np.asarray(self.norms[rows]), np.asarray(bounds - bounds[0]))

    def sentences(self, unit: FloatArray, ids: NDArray[np.int64]) -> list[list[float]]:
        """Cosines of the sentences of some passages, a list for each; arguments as ``best`` has them."""
        _, firsts, ends = self._bounds_of(ids)
        cosines, begins = self._cosines(unit, firsts, ends - firsts)
        edges = zip(begins.tolist(), (begins + ends - firsts).tolist(), strict=True)
        of_all = cosines.tolist()
        return [of_all[begin:end] for begin, end in edges]

    def near(self, unit: FloatArray, ids: NDArray[np.int64]) -> SegmentCosines:
        """Cosines of the names and sentences of some passages.

        Args:
            unit: the query's vector, float32 of shape (dim,), of length 1 (or 0: all cosines are 0).
            ids: passage numbers, shape (n,).
        """
        bounds = self._bounds_of(ids)
        cosines, begins = self._cosines(unit, bounds[0], bounds[2] - bounds[0])
        return SegmentCosines(cosines, bounds - bounds[0] + begins)

    def best(self, unit: FloatArray, ids: NDArray[np.int64]) -> FloatArray:
        """Cosine of the nearest name and of the nearest sentence of some passages: float32 of shape (2, n).

        Args:
            unit: the query's vector, float32 of shape (dim,), of length 1 (or 0: all cosines are 0).
            ids: passage numbers, shape (n,).
        """
        if not kernels.COMPILED:
            return self.near(unit, ids).best()
        best = np.empty((2, len(ids)), np.float32)
        kernels.nearest(self.rows, self.norms, self.bounds, ids, unit, best)
        return best

    def _cosines(
        self, unit: FloatArray, firsts: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Cosines of runs of rows, behind one another, and where each run begins among them."""
        ends = counts.cumsum()
        begins = ends - counts
        places = (firsts - begins).repeat(counts)
        places += np.arange(len(places))
        # plain arrays over the mapped files, as indexing a memmap object costs more
        norms = np.asarray(self.norms).take(places)
        scores = np.empty(len(places), np.float32)
        _products(np.asarray(self.rows), places, unit, scores)
        norms[norms == 0] = 1  # rows of zeros, whose products are 0
        scores /= norms
        np.maximum(scores, np.float32(-1), out=scores)
        return np.minimum(scores, np.float32(1), out=scores), begins

    def _bounds_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where names of some passages begin, where their sentences do, and where these end: shape (3, len(ids))."""
        bounds: NDArray[np.int64] = np.asarray(self.bounds).take(2 * ids + _BOUNDS_OF_ONE)
        return bounds

    def release(self) -> None:
        """Give the memory back into which rows were read."""
        mapped = getattr(self.rows, "_mmap", None)
        if mapped is not None:
            mapped.madvise(mmap.MADV_DONTNEED)

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        for name, array in ((_ROWS, self.rows), (_NORMS, self.norms), (_BOUNDS, self.bounds)):
            np.save(folder / name, array, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what ``save`` wrote; nothing is read before it is needed.

        Raises:
            ValueError: the files do not fit together.
        """
        rows, norms, bounds = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (_ROWS, _NORMS, _BOUNDS)
        )
        if rows.ndim != 2 or len(norms) != len(rows) or not len(bounds) % 2 or bounds[-1] != len(rows):
            raise ValueError("The vectors of sentences do not fit their passages.")
        return cls(rows, norms, bounds)


@dataclass(frozen=True, slots=True)
class SegmentCosines:
    """Cosines of one query with the names and sentences of some passages, in [-1, 1].

    Attributes:
        cosines: float32 of shape (n_segments,).
        bounds: of each passage among them where its names begin, where its sentences do, and where these end, int64 of
            shape (3, n).
    """

    cosines: FloatArray
    bounds: NDArray[np.int64]

    def best(self) -> FloatArray:
        """Cosine of the nearest name and of the nearest sentence: float32 of shape (2, n)."""
        if not self.bounds.size:
            return np.zeros((2, 0), np.float32)
        best: FloatArray = np.maximum.reduceat(self.cosines, self.bounds[:2].T.ravel())  # names, sentences, names …
        return best.reshape(-1, 2).T


def _products(rows: NDArray[np.int8], places: NDArray[np.int64], unit: FloatArray, scores: FloatArray) -> None:
    """Product of some rows and a vector, a block at a time, into ``scores`` of shape (len(places),)."""
    floats = np.empty((min(len(places), _READ), len(unit)), np.float32)
    for first in range(0, len(places), _READ):
        block = rows.take(places[first : first + _READ], axis=0)
        floats[: len(block)] = block
        np.matmul(floats[: len(block)], unit, out=scores[first : first + len(block)])


def _quantised(vectors: FloatArray) -> NDArray[np.int8]:
    """Rows scaled so that the largest number is 127: direction is all that counts for a cosine."""
    rows = np.empty(vectors.shape, np.int8)
    for first in range(0, len(vectors), _READ):
        block = vectors[first : first + _READ]
        clean = np.where(np.isfinite(block), block, 0)
        largest = np.abs(clean).max(axis=1, keepdims=True, initial=0)
        clean *= _LARGEST
        scaled = np.divide(clean, largest, out=np.zeros_like(clean), where=largest > 0)
        rows[first : first + _READ] = np.rint(scaled, out=scaled)
    return rows


def _norms(rows: NDArray[np.int8]) -> FloatArray:
    norms = np.empty(len(rows), np.float32)
    for first in range(0, len(rows), _BATCH):
        norms[first : first + _BATCH] = np.linalg.norm(rows[first : first + _BATCH].astype(np.float32), axis=1)
    return norms
