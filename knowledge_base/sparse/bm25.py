"""BM25 over counted terms, in the files of bm25s.

The scores of every (term, text) pair are computed once, in arrays, instead of by bm25s's loop over texts; the result
equals bm25s's own index (a test compares them). Score of a text: the sum over query terms of
``idf(t) · tf / (tf + k1 · (1 - b + b · length / mean length))`` with ``idf(t) = ln(1 + (n - df + 0.5) / (df + 0.5))``.

Source: Kamphuis et al. 2020, "Which BM25 do you mean?", variant Lucene (accurate).
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import FloatArray
from knowledge_base.sparse.column_groups import Bm25Scores, ColumnGroup, best_in_each, joined
from knowledge_base.sparse.postings import Postings
from knowledge_base.sparse.terms import TermCounts
from knowledge_base.tokenise import PackedIds, QueryWord, ranges, term_ids, unpacked

_TERMS: Final = "terms.npy"
_IDF: Final = "idf.npy"
_PARAMETERS: Final = "params.index.json"
# Up to so many postings are gathered one by one; more are copied run by run.
_GATHERED: Final = 1 << 14


#: Of an index, as ``Bm25Index`` takes and compiled functions read them.
Arrays = tuple[FloatArray, NDArray[np.int32], NDArray[np.int64], NDArray[np.uint64], FloatArray]


class Bm25Index:
    """One BM25 index; search it with terms.

    Args:
        data: scores of (term, text) pairs, float32 of shape (n_pairs,).
        indices: their texts, int32 of shape (n_pairs,), ascending in each column.
        indptr: int64 of shape (n_terms + 1,); column t holds pairs ``indptr[t]:indptr[t + 1]``.
        terms: sorted ids of the terms, uint64 of shape (n_terms,).
        idf: float32 of shape (n_terms,).

    Attributes:
        unseen: idf of a term no text has.
    """

    def __init__(
        self,
        data: FloatArray,
        indices: NDArray[np.int32],
        indptr: NDArray[np.int64],
        terms: NDArray[np.uint64],
        idf: FloatArray,
        n_texts: int,
    ) -> None:
        self._mapped = [array for array in (data, indices) if isinstance(array, np.memmap)]
        # Plain arrays over the mapped files: indexing a memmap object costs ten times as much.
        self._data, self._indices, self._indptr = np.asarray(data), np.asarray(indices), np.asarray(indptr)
        self._terms, self._idf = np.asarray(terms), np.asarray(idf)
        self.n_texts = n_texts
        self.unseen = float(np.log1p((n_texts + 0.5) / 0.5))

    @property
    def arrays(self) -> Arrays:
        """Scores of (term, text) pairs, their texts, where each term's begin, the terms' ids and idf."""
        return self._data, self._indices, self._indptr, self._terms, self._idf

    @classmethod
    def build(cls, counted: TermCounts, *, k1: float, b: float) -> Self:
        """Score every counted term."""
        n_texts = len(counted.lengths)
        frequencies = np.diff(counted.indptr)
        idf = np.log1p((n_texts - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
        mean = max(float(counted.lengths.mean()), 1.0) if n_texts else 1.0
        norms = k1 * (1 - b + b * counted.lengths / mean)  # (n_texts,)
        data = np.repeat(idf, frequencies) * counted.counts / (counted.counts + norms[counted.texts])
        return cls(data.astype(np.float32), counted.texts, counted.indptr, counted.terms, idf, n_texts)

    def save(self, folder: Path) -> None:
        """Write npy and json files, those of the scores in bm25s's own format; nothing is pickled."""
        import bm25s

        bm25 = bm25s.BM25(method="lucene", backend="numpy", csc_backend="numpy")
        arrays = {"data": self._data, "indices": self._indices, "indptr": self._indptr}
        bm25.scores = {**arrays, "num_docs": self.n_texts}
        bm25.vocab_dict = {}
        bm25.nonoccurrence_array = None
        bm25.save(folder, show_progress=False)
        np.save(folder / _TERMS, self._terms, allow_pickle=False)
        np.save(folder / _IDF, self._idf, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a saved index; postings stay on disk and are mapped into memory as they are read.

        The files are read without bm25s, whose import takes longer than a search.
        """
        names = (*(f"{name}.csc.index.npy" for name in ("data", "indices", "indptr")), _TERMS, _IDF)
        data, indices, indptr, terms, idf = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in names
        )
        about = json.loads((folder / _PARAMETERS).read_text("utf-8"))
        return cls(data, indices, indptr, terms, idf, int(about["num_docs"]))

    def release(self) -> None:
        """Give the memory back into which postings were read; the next query reads them again, from the page cache.

        Without this, a process that has answered enough queries holds the whole index (600 MB for 100,000 passages).
        """
        for array in self._mapped:
            mapped = getattr(array, "_mmap", None)
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)

    def find(self, terms: Sequence[str]) -> list[int]:
        """Columns of terms; -1 for a term no text has."""
        columns: list[int] = self._columns_of(term_ids(terms)).tolist()
        return columns

    def _columns_of(self, ids: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The same by the terms' ids: int64 of shape (n_terms,)."""
        if not len(self._terms):
            return np.full(len(ids), -1)
        at = np.minimum(self._terms.searchsorted(ids), len(self._terms) - 1)
        at[self._terms.take(at) != ids] = -1
        return at

    def held(self, ids: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Columns of those of some terms that some text has, by the terms' ids."""
        columns = self._columns_of(ids)
        return columns[columns >= 0]

    def rarity(self, columns: NDArray[np.int64]) -> float:
        """Idf of the rarest of some terms; that of a term no text has where there are none."""
        return self._rarest(columns) or self.unseen

    def _rarest(self, columns: NDArray[np.int64]) -> float:
        return float(self._idf.take(columns).max(initial=0))

    def scores(self, words: Sequence[QueryWord], weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for some words and what each weighs.

        Of each word's lemmas the best counts, and of its stems; what two words share counts once, with the heavier.
        """
        weighed, found = np.array(weights, np.float32), np.zeros((2, self.n_texts), np.float32)
        if kernels.COMPILED:
            terms, sizes = b"".join([word.terms for word in words]), b"".join([word.sizes for word in words])
            possible = kernels.add_groups(*self.arrays, terms, sizes, weighed, found)
            return Bm25Scores(found[0], found[1], *possible)
        groups: dict[tuple[bytes, bytes], float] = {}
        for word, weight in zip(words, weighed.tolist(), strict=True):
            for group in word.groups:
                groups[group] = max(weight, groups.get(group, 0.0))
        columns = [ColumnGroup(self.held(unpacked(own)), self.held(unpacked(related))) for own, related in groups]
        of_groups = np.array([*groups.values()], np.float32)
        scores = best_in_each(columns, of_groups, self.postings(joined(columns)), self.n_texts)
        rarities = np.array([[self._rarest(own), self._rarest(related)] for own, related in columns]).reshape(-1, 2)
        either = np.where(rarities[:, 0] > 0, *rarities.T)
        return Bm25Scores(scores[0], scores[1], float(of_groups @ rarities[:, 0]), float(of_groups @ either))

    def sums(self, terms: Sequence[PackedIds], weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for the terms of some words, each by itself, without neighbours.

        Args:
            terms: of each word; a term of several words counts once.
            weights: of the words; a term weighs what the heaviest of its words does.
        """
        joined_ids, weighed = b"".join(terms), np.array(weights, np.float32)
        sizes = np.array([*map(len, terms)], np.int64) // np.dtype(np.uint64).itemsize
        total = np.zeros(self.n_texts, np.float32)
        if kernels.COMPILED:
            possible = kernels.add_terms(*self.arrays, joined_ids, sizes, weighed, total)
            return Bm25Scores(total, total, possible, possible)
        heaviest: dict[int, float] = {}
        columns = self._columns_of(unpacked(joined_ids))
        for column, weight in zip(columns.tolist(), weighed.repeat(sizes).tolist(), strict=True):
            if column >= 0:
                heaviest[column] = max(weight, heaviest.get(column, 0.0))
        wanted, of_terms = np.array([*heaviest], np.int64), np.array([*heaviest.values()], np.float32)
        found = self.postings(wanted)
        np.add.at(total, found.texts, of_terms.repeat(found.lengths) * found.scores)
        possible = float(self._idf.take(wanted).dot(of_terms.astype(np.float64)))
        return Bm25Scores(total, total, possible, possible)

    def postings(self, columns: Sequence[int] | NDArray[np.int64]) -> Postings:
        """Postings of some columns."""
        wanted = np.asarray(columns, np.int64)
        if not len(wanted):
            return Postings(wanted, np.zeros(0, np.int32), np.zeros(0, np.float32), wanted)
        starts = self._indptr.take(wanted)
        lengths = self._indptr.take(wanted + 1)
        lengths -= starts
        if int(lengths.sum()) <= _GATHERED:
            places = ranges(starts, lengths)
            return Postings(wanted, self._indices.take(places), self._data.take(places), lengths)
        runs = [*map(slice, starts.tolist(), (starts + lengths).tolist())]
        texts = np.concatenate([self._indices[run] for run in runs])
        return Postings(wanted, texts, np.concatenate([self._data[run] for run in runs]), lengths)
