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
from knowledge_base.sparse.column_groups import Bm25Scores, ColumnGroup, FoundGrams, best_in_each
from knowledge_base.sparse.postings import PACKED, PackedColumns, Postings, unpacked
from knowledge_base.sparse.query_terms import TermGroup
from knowledge_base.sparse.terms import TermCounts
from knowledge_base.tokenise import GRAM, ranges, term_ids, word_grams
from knowledge_base.tokenise.term_ids import FACTOR, flat_points

_TERMS: Final = "terms.npy"
_IDF: Final = "idf.npy"
_PARAMETERS: Final = "params.index.json"
# Up to so many postings are gathered one by one; more are copied run by run.
_GATHERED: Final = 1 << 14


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
    def arrays(self) -> tuple[FloatArray, NDArray[np.int32], NDArray[np.int64]]:
        """Scores of (term, text) pairs, their texts, and where each term's begin."""
        return self._data, self._indices, self._indptr

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

    def find_grams(self, words: Sequence[str]) -> list[FoundGrams]:
        """Columns of the 4-grams of lower-case words; none of an empty word."""
        if not kernels.COMPILED:
            return [*map(self._grams_of, words)]
        points, lengths = flat_points(words)
        columns, counts = np.empty(len(points) // 4, np.int64), np.empty(2 * len(words), np.int64)
        kernels.find_grams(points, lengths, self._terms, columns, counts, FACTOR, GRAM)
        packed, first, found = columns.tobytes(), 0, []
        for word, n_found, n_grams in zip(words, counts[0::2].tolist(), counts[1::2].tolist(), strict=True):
            last = first + n_found * PACKED
            # letters that are folded otherwise have not been looked for
            found.append(self._grams_of(word) if n_grams < 0 else FoundGrams(packed[first:last], n_grams))
            first = last
        return found

    def _grams_of(self, word: str) -> FoundGrams:
        grams = word_grams(word) if word else ()
        columns = self._columns_of(term_ids(grams))
        return FoundGrams(columns[columns >= 0].tobytes(), len(grams))

    def groups(self, groups: Sequence[TermGroup]) -> list[ColumnGroup]:
        """What this index has of some groups of terms."""
        ids = np.array([term for group in groups for part in group for term in part], np.uint64)
        sizes = np.array([len(part) for group in groups for part in group], np.int64)
        columns, counts, rarest = self._found(ids, sizes)
        packed, packed_sizes, first, found = columns.tobytes(), counts.tobytes(), 0, []
        n_columns = counts.tolist()
        for place, (own, related) in enumerate(zip(rarest[0::2].tolist(), rarest[1::2].tolist(), strict=True)):
            last = first + (n_columns[2 * place] + n_columns[2 * place + 1]) * PACKED
            of_group = packed_sizes[2 * place * PACKED : 2 * (place + 1) * PACKED]
            found.append(ColumnGroup(packed[first:last], of_group, own, own or related))
            first = last
        return found

    def _found(
        self, ids: NDArray[np.uint64], sizes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
        """Columns of those of some terms that some text has, how many each run of terms has, and idf of its rarest."""
        columns = np.empty(len(ids), np.int64)
        counts, rarest = np.empty(len(sizes), np.int64), np.empty(len(sizes), np.float32)
        if kernels.COMPILED:
            kernels.find_groups(ids, sizes, self._terms, self._idf, columns, counts, rarest)
            return columns, counts, rarest
        columns = self._columns_of(ids)
        for run, (first, size) in enumerate(zip(sizes.cumsum() - sizes, sizes, strict=True)):
            held = columns[first : first + size]
            held = held[held >= 0]
            counts[run], rarest[run] = len(held), self._idf.take(held).max(initial=0)
        return columns[columns >= 0], counts, rarest

    def rarity(self, columns: NDArray[np.int64]) -> float:
        """Idf of the rarest of some terms; that of a term no text has where there are none."""
        return float(self._idf.take(columns).max()) if len(columns) else self.unseen

    def scores(self, groups: Sequence[ColumnGroup], weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for groups of terms and what each weighs; a group counts with its best term."""
        possible = sum([weight * group.rarity for group, weight in zip(groups, weights, strict=True)])
        related_possible = sum([weight * group.related_rarity for group, weight in zip(groups, weights, strict=True)])
        columns, weighed = b"".join([group.columns for group in groups]), np.array(weights, np.float32)
        if kernels.COMPILED:
            found = np.zeros((2, self.n_texts), np.float32)
            kernels.add_groups(*self.arrays, columns, b"".join([group.sizes for group in groups]), weighed, found)
        else:
            found = best_in_each(groups, weighed, self.postings(unpacked(columns)), self.n_texts)
        return Bm25Scores(found[0], found[1], possible, related_possible)

    def sums(self, columns: Sequence[PackedColumns], weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for the terms of some words, each by itself, without neighbours.

        Args:
            columns: of the terms of each word; a term of several words counts once.
            weights: of the words; a term weighs what the heaviest of its words does.
        """
        joined, weighed = b"".join(columns), np.array(weights, np.float32)
        sizes = np.array([*map(len, columns)], np.int64) // PACKED
        total = np.zeros(self.n_texts, np.float32)
        if kernels.COMPILED:
            possible = kernels.add_terms(*self.arrays, self._idf, joined, sizes, weighed, total)
            return Bm25Scores(total, total, possible, possible)
        heaviest: dict[int, float] = {}
        for column, weight in zip(unpacked(joined).tolist(), weighed.repeat(sizes).tolist(), strict=True):
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
