"""Vectors in FAISS, with exact cosines.

Among a few ten thousand passages a flat index gives every cosine. Beyond, FAISS finds candidates, and their cosines are
computed from the float32 vectors, which stay in a file mapped into memory. So cosines are exact whatever the index
compresses, and the compressed index is what takes memory:

===================  =============================  ================================
passages             index                          memory per passage (256 dims)
===================  =============================  ================================
up to 30,000         flat float32, all cosines      1280 bytes
up to 200,000        flat float16, exhaustive       512 bytes
more                 IVF with 8-bit vectors         256 bytes
===================  =============================  ================================
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.dense.rounded import RoundedVectors
from knowledge_base.dense.scan import Scan
from knowledge_base.errors import IndexCorrupt
from knowledge_base.passage import FloatArray

if TYPE_CHECKING:
    import faiss

FLAT_LIMIT: Final = 30_000
HALF_LIMIT: Final = 200_000
_VECTORS: Final = "vectors.npy"
_FAISS: Final = "vectors.faiss"
# Candidates fetched beyond k where vectors are compressed, so that re-scoring finds the true first k.
_SPARE: Final = 50
_PROBED_SHARE: Final = 0.05
_TRAINING_ROWS_PER_LIST: Final = 64
_SEED: Final = 20_261_122


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Nearest passages, nearest first.

    Attributes:
        ids: passage numbers, int64 of shape (n_found,), each once, never negative.
        cosines: float32 of shape (n_found,), in [-1, 1].
    """

    ids: NDArray[np.int64]
    cosines: FloatArray


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Rows scaled to length 1; a row of zeros (or one that is not finite) becomes zeros and has cosine 0 with all."""
    clean = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, 0).astype(np.float32)
    lengths = np.linalg.norm(clean, axis=1, keepdims=True)
    scaled: FloatArray = np.divide(clean, lengths, out=np.zeros_like(clean), where=lengths > 0)
    return scaled


def unit(vector: FloatArray) -> FloatArray:
    """A vector of shape (dim,) scaled to length 1, or zeros where that cannot be."""
    length = math.sqrt(float(vector @ vector))
    if not 0 < length < np.inf:
        return np.asarray(unit_rows(vector[None, :])[0])  # zeros, no numbers, or too large to be squared
    return np.asarray(vector / np.float32(length), np.float32)


class VectorIndex:
    """Nearest passages of a query vector.

    Args:
        vectors: float32 of shape (n_passages, dim), of length 1 or 0.
        index: FAISS's over the same vectors.
    """

    def __init__(self, vectors: FloatArray, index: faiss.Index) -> None:
        import faiss

        self._vectors = vectors
        self._index = index
        # its vectors as FAISS's functions take them: asking for them costs as much as comparing a few hundred
        self._flat = index.get_xb() if isinstance(index, faiss.IndexFlat) else None

    @classmethod
    def build(cls, vectors: FloatArray) -> Self:
        """Index vectors; the row is the passage's number.

        Args:
            vectors: float32 of shape (n_passages, dim); rows are scaled to length 1 here.
        """
        rows = np.ascontiguousarray(unit_rows(vectors))
        return cls(rows, _faiss_index(rows))

    @property
    def size(self) -> int:
        """Number of passages."""
        return len(self._vectors)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._vectors.shape[1])

    @cached_property
    def _rounded(self) -> RoundedVectors | None:
        """The same vectors of a flat index rounded, which tell sooner which are near; made when first asked for."""
        return RoundedVectors.of(self._vectors) if kernels.COMPILED and self._flat is not None else None

    @property
    def vectors(self) -> FloatArray:
        """Of all passages, float32 of shape (n_passages, dim), of length 1 or 0."""
        return self._vectors

    def rows(self, ids: NDArray[np.int64]) -> FloatArray:
        """Vectors of some passages, float32 of shape (len(ids), dim)."""
        return np.asarray(np.asarray(self._vectors)[ids], dtype=np.float32)

    def scan(self, query: FloatArray) -> Scan:
        """Compare a query vector of shape (dim,) with the passages."""
        asked = unit(query)
        return Scan(self, asked, self._every(asked))

    def _every(self, unit: FloatArray) -> FloatArray | None:
        """Cosine of a unit vector and every passage, which a flat index gives without sorting them; None by another.

        None too where rounded vectors tell sooner which are near.
        """
        if self._flat is None or self._rounded:
            return None
        import faiss

        asked, cosines = np.ascontiguousarray(unit), np.empty(self.size, np.float32)
        if self.size:
            # By one thread: FAISS's threads wait for one another, which on a busy machine takes far longer than this.
            faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]  # not in faiss's stubs
                faiss.swig_ptr(cosines), faiss.swig_ptr(asked), self._flat, self.dim, self.size
            )
        return _clipped(cosines)

    def cosines(self, query: FloatArray, ids: NDArray[np.int64]) -> FloatArray:
        """Exact cosine of a query vector of shape (dim,) and some passages: float32 of shape (len(ids),)."""
        # each row by itself: in a product of matrices the last bit hangs on the row's place, and equal texts must tie
        return _clipped(np.einsum("ij,j->i", self.rows(ids), unit(query)))

    def search(self, query: FloatArray, k: int, allowed: NDArray[np.bool_] | None = None) -> Neighbours:
        """The k nearest passages; fewer where there are fewer, none for a query vector of zeros.

        Args:
            query: float32 of shape (dim,).
            k: how many, ≥ 0.
            allowed: only these passages, bool of shape (n_passages,); all by default.
        """
        scan = self.scan(query)
        ids = np.sort(scan.nearest(k, allowed))
        cosines = scan.cosines(ids)
        order = np.argsort(-cosines, kind="stable")[:k]
        return Neighbours(ids[order], cosines[order])

    def found(self, unit: FloatArray, k: int, allowed: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Numbers of at least the k nearest passages, in no order."""
        if self._rounded:
            return self._rounded.nearest(self._vectors, unit, k, allowed)
        _, found = self._index.search(unit[None, :], k + _SPARE, params=self._parameters(allowed))
        ids: NDArray[np.int64] = found[0][found[0] >= 0].astype(np.int64)  # FAISS fills up with -1
        return ids

    def _parameters(self, allowed: NDArray[np.bool_] | None) -> faiss.SearchParameters:
        import faiss

        selector = None
        if allowed is not None and not allowed.all():
            # faiss's stubs give the C++ signatures, its Python layer takes these arguments.
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg,arg-type]
        if not isinstance(self._index, faiss.IndexIVF):
            return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        n_probed = max(8, int(_PROBED_SHARE * self._index.nlist))
        if allowed is not None:
            # A narrow filter may have all its passages in lists far from the query.
            n_probed = min(self._index.nlist, int(n_probed / max(float(allowed.mean()), 1e-3)))
        return faiss.SearchParametersIVF(sel=selector, nprobe=n_probed)  # type: ignore[call-arg]

    def release(self) -> None:
        """Give the memory back into which vectors were read from their file."""
        mapped = getattr(self._vectors, "_mmap", None)
        if mapped is not None:
            mapped.madvise(mmap.MADV_DONTNEED)

    def save(self, folder: Path) -> None:
        """Write the vectors, and the FAISS index where it is not made from them in no time."""
        np.save(folder / _VECTORS, self._vectors, allow_pickle=False)
        if self.size > FLAT_LIMIT:
            import faiss

            faiss.write_index(self._index, str(folder / _FAISS))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what ``save`` wrote.

        Raises:
            IndexCorrupt: the files do not fit together.
        """
        try:
            vectors = np.load(folder / _VECTORS, mmap_mode="r", allow_pickle=False)
            if vectors.ndim == 2 and len(vectors) <= FLAT_LIMIT:
                rows = np.array(vectors)
                return cls(rows, _faiss_index(rows))
            import faiss

            # Mapped, not copied: processes that search one index share its memory. Lists (IVF) that are cut off would
            # then be read beyond their end.
            flags = faiss.IO_FLAG_MMAP_IFC if len(vectors) <= HALF_LIMIT else 0
            index = faiss.read_index(str(folder / _FAISS), flags)
        except (OSError, ValueError, RuntimeError) as error:
            raise IndexCorrupt(f"The vectors in {folder.name} cannot be read: build the index again.") from error
        if index.ntotal != len(vectors) or vectors.ndim != 2 or index.d != vectors.shape[1]:
            raise IndexCorrupt(f"The vectors in {folder.name} do not fit their index: build the index again.")
        return cls(vectors, index)


def _clipped(cosines: FloatArray) -> FloatArray:
    np.maximum(cosines, np.float32(-1), out=cosines)
    return np.minimum(cosines, np.float32(1), out=cosines)


def _faiss_index(rows: FloatArray) -> faiss.Index:
    """The FAISS index that suits the number of vectors."""
    import faiss

    n_rows, dim = rows.shape
    index: faiss.Index
    if n_rows <= FLAT_LIMIT:
        index = faiss.IndexFlatIP(dim)
    elif n_rows <= HALF_LIMIT:
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    else:
        n_lists = int(4 * np.sqrt(n_rows))
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dim), dim, n_lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        sample = min(n_rows, _TRAINING_ROWS_PER_LIST * n_lists)
        index.train(rows[np.random.default_rng(_SEED).choice(n_rows, sample, replace=False)])
    index.add(rows)
    return index
