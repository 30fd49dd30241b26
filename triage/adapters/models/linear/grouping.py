"""Which texts belong together when data are split: near-copies must not stand on both sides of a split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

NEAR_COPY_COSINE = 0.9
_ROWS_AT_ONCE = 1_024


def near_copy_groups(vectors: NDArray[np.float32], cosine: float = NEAR_COPY_COSINE) -> NDArray[np.intp]:
    """Group number of each text; texts linked by a chain of near-copies share one.

    Args:
        vectors: float32, shape (n, dim), rows of length one; all-zero rows are copies of nothing.
        cosine: least similarity of two near-copies, in [-1, 1].
    """
    links = []
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        similar = vectors[start : start + _ROWS_AT_ONCE] @ vectors[start:].T  # (rows, n - start)
        left, right = np.nonzero(similar >= cosine)
        links.append(np.stack([left + start, right + start]))
    left, right = np.concatenate(links, axis=1) if links else np.empty((2, 0), dtype=np.intp)
    graph = sparse.coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(vectors),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def spread_over_folds(truth: NDArray[np.intp], groups: NDArray[np.intp], folds: int, seed: int) -> NDArray[np.intp]:
    """Fold of each row: whole groups, each category spread as evenly as its groups allow.

    Args:
        truth: class number of each row, shape (n,).
        groups: group number of each row, shape (n,).
    """
    _, first_rows, group_of = np.unique(groups, return_index=True, return_inverse=True)
    fold_of_group = np.empty(len(first_rows), dtype=np.intp)
    order = np.random.default_rng(seed).permutation(len(first_rows))
    for label in np.unique(truth):
        members = order[truth[first_rows[order]] == label]
        fold_of_group[members] = (np.arange(len(members)) + label) % folds
    return fold_of_group[group_of]
