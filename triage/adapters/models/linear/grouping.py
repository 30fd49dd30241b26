"""Which texts belong together when data are split: near-copies must not stand on both sides of a split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from triage.adapters.models.linear.ngrams import Rows

NEAR_COPY_COSINE = 0.9
# The sketch's cosine is off by (1 - cosine²) / √128 on average: 0.017 at 0.9, and less the nearer two texts are.
_SKETCH_DIM = 128
_ROWS_AT_ONCE = 1_024


def near_copy_groups(ngrams: Rows, cosine: float = NEAR_COPY_COSINE) -> NDArray[np.intp]:
    """Group number of each text; texts linked by a chain of near-copies share one.

    Wording is compared, not meaning: the cosines of an embedding have another scale with each encoder.

    Args:
        ngrams: TF-IDF rows, shape (n, n_ngrams); an all-zero row is a copy of nothing.
        cosine: least similarity of two near-copies, in [-1, 1].
    """
    vectors = _sketch(ngrams)
    links = []
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        similar = vectors[start : start + _ROWS_AT_ONCE] @ vectors[start:].T  # (rows, n - start)
        left, right = np.nonzero(similar >= cosine)
        links.append(np.stack([left + start, right + start]))
    left, right = np.concatenate(links, axis=1) if links else np.empty((2, 0), dtype=np.intp)
    graph = sparse.coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(vectors),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _sketch(rows: Rows) -> NDArray[np.float32]:
    """Rows in few dimensions with nearly the same cosines: float32, shape (n, 128), of length one or zero.

    Source: Johnson & Lindenstrauss 1984; Achlioptas 2003, "Database-friendly random projections" (random signs).
    """
    signs = np.random.default_rng(0).integers(0, 2, (rows.shape[1], _SKETCH_DIM), dtype=np.int8)
    projected = np.asarray(rows @ (2 * signs - 1).astype(np.float32), dtype=np.float32)
    lengths = np.linalg.norm(projected, axis=1, keepdims=True)
    np.divide(projected, lengths, out=projected, where=lengths > 0)
    return projected


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
