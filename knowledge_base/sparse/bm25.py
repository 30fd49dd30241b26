"""BM25 over counted terms, stored and searched by bm25s.

The scores of every (term, text) pair are computed once, in arrays, instead of by bm25s's loop over texts; the result
equals bm25s's own index (a test compares them). Score of a text: the sum over query terms of
``idf(t) · tf / (tf + k1 · (1 - b + b · length / mean length))`` with ``idf(t) = ln(1 + (n - df + 0.5) / (df + 0.5))``.

Source: Kamphuis et al. 2020, "Which BM25 do you mean?", variant Lucene (accurate).
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from knowledge_base.sparse.terms import TermCounts, term_id

if TYPE_CHECKING:
    from bm25s import BM25

_TERMS: Final = "terms.npy"
_IDF: Final = "idf.npy"


class Bm25Index:
    """One BM25 index; search it with terms."""

    def __init__(self, bm25: BM25, terms: NDArray[np.uint64], idf: FloatArray) -> None:
        self._bm25 = bm25
        self._terms = terms
        self._idf = idf

    @classmethod
    def build(cls, counted: TermCounts, *, k1: float, b: float) -> Self:
        """Score every counted term."""
        import bm25s

        n_texts = len(counted.lengths)
        frequencies = np.diff(counted.indptr)
        idf = np.log1p((n_texts - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
        mean = max(float(counted.lengths.mean()), 1.0) if n_texts else 1.0
        norms = k1 * (1 - b + b * counted.lengths / mean)  # (n_texts,)
        data = np.repeat(idf, frequencies) * counted.counts / (counted.counts + norms[counted.texts])
        bm25 = bm25s.BM25(method="lucene", k1=k1, b=b, backend="numpy", csc_backend="numpy")
        bm25.scores = {
            "data": data.astype(np.float32),
            "indices": counted.texts,
            "indptr": counted.indptr,
            "num_docs": n_texts,
        }
        bm25.vocab_dict = {}
        bm25.nonoccurrence_array = None
        return cls(bm25, counted.terms, idf)

    def save(self, folder: Path) -> None:
        """Write npy and json files; nothing is pickled."""
        self._bm25.save(folder, show_progress=False)
        np.save(folder / _TERMS, self._terms, allow_pickle=False)
        np.save(folder / _IDF, self._idf, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a saved index; postings stay on disk and are mapped into memory as they are read."""
        import bm25s

        bm25 = bm25s.BM25.load(folder, mmap=True, load_vocab=False, allow_pickle=False, show_progress=False)
        terms, idf = (np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (_TERMS, _IDF))
        # As plain arrays over the mapped files: indexing a memmap object costs ten times as much.
        return cls(bm25, np.asarray(terms), np.asarray(idf))

    def release(self) -> None:
        """Give the memory back into which postings were read; the next query reads them again, from the page cache.

        Without this, a process that has answered enough queries holds the whole index (600 MB for 100,000 passages).
        """
        for name in ("data", "indices"):
            mapped = getattr(self._bm25.scores[name], "_mmap", None)
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)

    @property
    def n_texts(self) -> int:
        """How many texts were indexed."""
        return int(self._bm25.scores["num_docs"])

    def columns(self, terms: Sequence[str]) -> list[int | None]:
        """Columns of terms; None for a term no text has."""
        wanted = np.array([term_id(term) for term in terms], dtype=np.uint64)
        if not len(self._terms):
            return [None] * len(terms)
        at = np.minimum(np.searchsorted(self._terms, wanted), len(self._terms) - 1)
        known = self._terms[at] == wanted
        return [column if there else None for column, there in zip(at.tolist(), known.tolist(), strict=True)]

    def holds(self, column: int, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some texts have a column's term: bool of shape (len(ids),)."""
        indptr, indices = self._bm25.scores["indptr"], self._bm25.scores["indices"]
        holders = np.asarray(indices[int(indptr[column]) : int(indptr[column + 1])])
        at = np.minimum(np.searchsorted(holders, ids), len(holders) - 1)
        found: NDArray[np.bool_] = holders[at] == ids
        return found

    def rarity(self, columns: Sequence[int]) -> float:
        """Idf of the rarest of some terms; that of a term no text has where there are none."""
        unseen = float(np.log1p((self.n_texts + 0.5) / 0.5))
        return max((float(self._idf[column]) for column in columns), default=unseen)

    def known(self, groups: Sequence[tuple[str, ...]]) -> list[list[int]]:
        """For each group, the columns of those of its terms that some text has."""
        columns = iter(self.columns([term for group in groups for term in group]))
        return [[column for _ in group if (column := next(columns)) is not None] for group in groups]

    def scores(self, groups: Sequence[tuple[str, ...]]) -> FloatArray:
        """BM25 of every text for groups of terms; a group counts with its best term.

        Returns:
            float32 of shape (n_texts,), 0 where no term occurs.
        """
        total = np.zeros(self.n_texts, np.float32)
        single: list[int] = []
        for columns in self.known([*dict.fromkeys(groups)]):
            if len(columns) == 1:
                single += columns
            elif columns:
                total += np.maximum.reduce([self._bm25.get_scores_from_ids([column]) for column in columns])
        # bm25s cannot score an empty list of terms
        return total + self._bm25.get_scores_from_ids(single) if single else total

    def best_possible(self, groups: Sequence[tuple[str, ...]]) -> float:
        """What a text would score in which every group occurs endlessly often: the sum of the rarest terms' idf."""
        return sum(self.rarity(columns) for columns in self.known([*dict.fromkeys(groups)]))
