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
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from knowledge_base.sparse.query_terms import TermGroup
from knowledge_base.sparse.terms import TermCounts, ranges

_TERMS: Final = "terms.npy"
_IDF: Final = "idf.npy"
_PARAMETERS: Final = "params.index.json"
# Scores held at a time while the best term of each group is found: 1 MB.
_CELLS: Final = 1 << 18
# Up to so many postings are gathered one by one; more are copied run by run.
_GATHERED: Final = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class ColumnGroup:
    """Those terms of a group that some text has; the same one only for the same group.

    Attributes:
        own: columns of its own keys.
        related: columns of the keys of words that mean nearly the same.
        rarity: idf of the rarest of its own keys, or 0 where no text has one.
        related_rarity: the same, or else that of the rarest related key.
    """

    own: tuple[int, ...]
    related: tuple[int, ...]
    rarity: float
    related_rarity: float


@dataclass(frozen=True, slots=True)
class Postings:
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


@dataclass(frozen=True, slots=True)
class Bm25Scores:
    """Scores of every text for one query.

    Attributes:
        own: by the query's own words, float32 of shape (n_texts,), 0 where none occurs.
        related: the same where a word counts, if it scores more, by those that mean nearly the same.
        own_possible: what a text would score in which every word occurs endlessly often: the sum of the rarest terms'
            idf.
        related_possible: the same with related words for those that no text has.
    """

    own: FloatArray
    related: FloatArray
    own_possible: float
    related_possible: float


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

    def columns(self, terms: NDArray[np.uint64]) -> list[int]:
        """Columns of terms by their ids; -1 for a term no text has."""
        if not len(self._terms):
            return [-1] * len(terms)
        at = np.minimum(self._terms.searchsorted(terms), len(self._terms) - 1)
        at[self._terms.take(at) != terms] = -1
        found: list[int] = at.tolist()
        return found

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
            found.append(ColumnGroup(own, related, rarity, rarity or (self.rarity(related) if related else 0.0)))
            first = last
        return found

    def rarity(self, columns: Sequence[int]) -> float:
        """Idf of the rarest of some terms; that of a term no text has where there are none."""
        return max(map(self._idf.item, columns)) if columns else self.unseen

    def postings_of(self, groups: Sequence[ColumnGroup]) -> Postings:
        """Postings of the own terms of each group in order, then of the related ones of each."""
        own = [column for group in groups for column in group.own]
        return self.postings(own + [column for group in groups for column in group.related])

    def scores(self, groups: Sequence[ColumnGroup], weights: Sequence[float], found: Postings) -> Bm25Scores:
        """BM25 of every text for groups of terms and what each weighs; a group counts with its best term.

        Args:
            found: as ``postings_of`` has them of the groups.
        """
        own, more = np.zeros(self.n_texts, np.float32), np.zeros(self.n_texts, np.float32)
        at_once = max(1, _CELLS // max(self.n_texts, 1))
        column, related_column = 0, sum([len(group.own) for group in groups])
        for first in range(0, len(groups), at_once):
            block = groups[first : first + at_once]
            of_block = np.array(weights[first : first + at_once], np.float32)
            sizes = [len(group.own) for group in block]
            best = self._best(sizes, found.part(column, sum(sizes)))  # (n_groups, n_texts)
            column += sum(sizes)
            own += of_block @ best
            if rows := [row for row, group in enumerate(block) if group.related]:
                sizes = [len(block[row].related) for row in rows]
                related = self._best(sizes, found.part(related_column, sum(sizes)))
                related_column += sum(sizes)
                related -= best[rows]
                more += of_block[rows] @ np.maximum(related, 0, out=related)
        possible = sum([weight * group.rarity for group, weight in zip(groups, weights, strict=True)])
        related_possible = sum([weight * group.related_rarity for group, weight in zip(groups, weights, strict=True)])
        return Bm25Scores(own, own + more, possible, related_possible)

    def sums(self, found: Postings, weights: Sequence[float]) -> Bm25Scores:
        """BM25 of every text for the single terms of some postings, without neighbours, and what each weighs."""
        total = np.zeros(self.n_texts, np.float32)
        weighed = np.array(weights, np.float32).repeat(found.lengths)
        weighed *= found.scores
        np.add.at(total, found.texts, weighed)
        possible = float(self._idf.take(found.columns).dot(weights))
        return Bm25Scores(total, total, possible, possible)

    def _best(self, sizes: Sequence[int], found: Postings) -> FloatArray:
        """For each group of so many terms the highest score in each text: float32 of shape (n_groups, n_texts)."""
        best = np.zeros((len(sizes), self.n_texts), np.float32)
        rows = [row * self.n_texts for row, size in enumerate(sizes) for _ in range(size)]
        places = np.array(rows, np.int64).repeat(found.lengths)
        places += found.texts
        np.maximum.at(best.reshape(-1), places, found.scores)
        return best

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
