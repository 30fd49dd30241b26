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
from itertools import islice
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import FloatArray
from knowledge_base.sparse.column_groups import Bm25Scores, ColumnGroup, FoundGrams, best_in_each
from knowledge_base.sparse.postings import Postings
from knowledge_base.sparse.query_terms import TermGroup
from knowledge_base.sparse.term_ids import FACTOR, term_ids
from knowledge_base.sparse.terms import TermCounts
from knowledge_base.tokenise import GRAM, fold_all, ranges, word_grams

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
        if kernels.COMPILED:
            lengths, found = np.fromiter(map(len, terms), np.int64, len(terms)), np.empty(len(terms), np.int64)
            kernels.find_terms("".join(terms).encode("utf-32-le", "surrogatepass"), lengths, self._terms, found, FACTOR)
            columns: list[int] = found.tolist()
            return columns
        if not len(self._terms):
            return [-1] * len(terms)
        ids = term_ids(terms)
        at = np.minimum(self._terms.searchsorted(ids), len(self._terms) - 1)
        at[self._terms.take(at) != ids] = -1
        columns = at.tolist()
        return columns

    def find_grams(self, words: Sequence[str]) -> list[FoundGrams]:
        """Columns of the 4-grams of lower-case words; none of an empty word."""
        if not kernels.COMPILED:
            grams = [word_grams(word) if word else () for word in words]
            columns = iter(self.find([gram for of_word in grams for gram in of_word]))
            held = [[column for _, column in zip(of_word, columns, strict=False)] for of_word in grams]
            return [FoundGrams(tuple([each for each in of_word if each >= 0]), len(of_word)) for of_word in held]
        marked = [word and f"_{bare}_" for word, bare in zip(words, fold_all(words), strict=True)]
        lengths, counts = np.fromiter(map(len, marked), np.int64, len(words)), np.empty(2 * len(words), np.int64)
        points = "".join(marked).encode("utf-32-le", "surrogatepass")
        found = np.empty(len(points) // 4, np.int64)
        kernels.find_grams(points, lengths, self._terms, found, counts, FACTOR, GRAM)
        n_found, n_grams = counts[0::2].tolist(), counts[1::2].tolist()
        flat = iter(found[: sum(n_found)].tolist())
        return [FoundGrams(tuple(islice(flat, held)), all_of) for held, all_of in zip(n_found, n_grams, strict=True)]

    def groups(self, groups: Sequence[TermGroup], columns: Sequence[int]) -> list[ColumnGroup]:
        """What this index has of some groups of terms.

        Args:
            columns: of ``every_term`` of the groups, -1 for a term no text has.
        """
        found, first = [], 0
        for group in groups:
            middle = first + len(group.terms)
            last = middle + len(group.related)
            own = tuple([column for column in columns[first:middle] if column >= 0])
            related = tuple([column for column in columns[middle:last] if column >= 0])
            rarity = self.rarity(own) if own else 0.0
            related_rarity = rarity or (self.rarity(related) if related else 0.0)
            found.append(ColumnGroup(own + related, (len(own), len(related)), rarity, related_rarity))
            first = last
        return found

    def rarity(self, columns: Sequence[int]) -> float:
        """Idf of the rarest of some terms; that of a term no text has where there are none."""
        return max(map(self._idf.item, columns)) if columns else self.unseen

    def scores(self, groups: Sequence[ColumnGroup], weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for groups of terms and what each weighs; a group counts with its best term."""
        possible = sum([weight * group.rarity for group, weight in zip(groups, weights, strict=True)])
        related_possible = sum([weight * group.related_rarity for group, weight in zip(groups, weights, strict=True)])
        columns = [column for group in groups for column in group.columns]
        weighed = np.array(weights, np.float32)
        if kernels.COMPILED:
            sizes = np.array([size for group in groups for size in group.sizes], np.int64)
            found = np.zeros((2, self.n_texts), np.float32)
            kernels.add_groups(*self.arrays, np.array(columns, np.int64), sizes, weighed, found, np.zeros_like(found))
        else:
            found = best_in_each(groups, weighed, self.postings(columns), self.n_texts)
        return Bm25Scores(found[0], found[1], possible, related_possible)

    def sums(self, columns: Sequence[int], weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for single terms by their columns, without neighbours, and what each weighs."""
        wanted, weighed = np.array(columns, np.int64), np.array(weights, np.float32)
        total = np.zeros(self.n_texts, np.float32)
        if kernels.COMPILED:
            kernels.add_terms(*self.arrays, wanted, weighed, total)
        else:
            found = self.postings(columns)
            np.add.at(total, found.texts, weighed.repeat(found.lengths) * found.scores)
        possible = float(self._idf.take(wanted).dot(weights))
        return Bm25Scores(total, total, possible, possible)

    def postings(self, columns: Sequence[int]) -> Postings:
        """Postings of some columns."""
        wanted = np.array(columns, np.int64)
        if not columns:
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
