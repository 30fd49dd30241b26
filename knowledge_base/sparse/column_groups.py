"""What an index has of the terms of a word, and how a text scores by the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from knowledge_base.sparse.postings import Postings

# Scores held at a time while the best term of each group is found: 1 MB.
_CELLS: Final = 1 << 18


class ColumnGroup(NamedTuple):
    """Those terms of a group that some text has.

    Attributes:
        own: their columns, int64 of shape (n_own,).
        related: columns of the terms of words that mean nearly the same, int64 of shape (n_related,).
    """

    own: NDArray[np.int64]
    related: NDArray[np.int64]


def joined(groups: Sequence[ColumnGroup]) -> NDArray[np.int64]:
    """The columns of all groups, each one's own before the related ones."""
    return np.concatenate([np.zeros(0, np.int64), *[columns for group in groups for columns in group]])


class Bm25Scores(NamedTuple):
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


def best_in_each(groups: Sequence[ColumnGroup], weights: FloatArray, found: Postings, n_texts: int) -> FloatArray:
    """Scores of every text by the groups' own terms, and with the related ones: float32 of shape (2, n_texts).

    Args:
        weights: of the groups, shape (n_groups,).
        found: postings of the groups' columns in order.
    """
    own, more = np.zeros(n_texts, np.float32), np.zeros(n_texts, np.float32)
    at_once = max(1, _CELLS // max(n_texts, 1))
    all_sizes = [[len(group.own), len(group.related)] for group in groups]
    column = 0
    for first in range(0, len(groups), at_once):
        block, of_block = all_sizes[first : first + at_once], weights[first : first + at_once]
        size = sum(map(sum, block))
        with_related = [row for row, (_, n_related) in enumerate(block) if n_related]
        best = _highest(block, found.part(column, size), n_texts)  # (n_groups + n_with_related, n_texts)
        column += size
        own += of_block @ best[: len(block)]
        if with_related:
            related = best[len(block) :]
            related -= best[with_related]
            more += of_block[with_related] @ np.maximum(related, 0, out=related)
    return np.stack([own, own + more])


def _highest(sizes: Sequence[Sequence[int]], found: Postings, n_texts: int) -> FloatArray:
    """The highest score of each text by each group's own terms, then by the related ones of those that have any."""
    rows: list[int] = []
    n_rows = len(sizes)
    for row, (n_own, n_related) in enumerate(sizes):
        rows += [row] * n_own + [n_rows] * n_related
        n_rows += n_related > 0
    best = np.zeros((n_rows, n_texts), np.float32)
    places = (np.array(rows, np.int64) * n_texts).repeat(found.lengths)
    places += found.texts
    np.maximum.at(best.reshape(-1), places, found.scores)
    return best
