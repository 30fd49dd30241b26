"""Kernel ridge regression: a head that also reads how close a text is to each example, held out for free.

The kernel is the inner product of the n-grams plus ``CLOSENESS_WEIGHT`` times the closeness of the embeddings. Each
example has one coefficient for each category, so n-grams keep weights of their own and can be named as evidence.
What a head fitted without an example (or without its near-copies) would say about it follows from the same inverse,
so calibration needs no folds.

Source: Rifkin & Lippert 2007, "Notes on Regularized Least Squares" (leave-one-out in closed form; for a group of
examples the block of the inverse takes the place of its diagonal).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.ngrams import Rows
from triage.errors import InvalidInput

#: How fast closeness falls with the cosine; 2-4 served both encoders and all four public sets.
SHARPNESS = 4.0
CLOSENESS_WEIGHT = 2.0
PENALTY = 0.35
#: The gram matrix of so many examples takes 1 GiB; more of them are left to a head without closeness.
MOST_EXAMPLES = 16_000
_ROWS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class RidgeFit:
    """A fitted head in terms of its examples.

    Attributes:
        ngram_weights: float32, shape (n_ngrams, n_classes), for the scaled n-grams.
        closeness_weights: float32, shape (n, n_classes).
        held_out: margins of each example from a head without its group: float32, shape (n, n_classes); without rows
            where no groups were given.
    """

    ngram_weights: FloatArray
    closeness_weights: FloatArray
    held_out: MarginArray


def closeness(cosine: FloatArray) -> FloatArray:
    """Closeness in (0, 1] of texts with these cosines, of any shape; the Gaussian of their distance.

    >>> closeness(np.array([1.0, 0.0], dtype=np.float32)).round(3).tolist()
    [1.0, 0.017999999225139618]
    """
    return np.asarray(np.exp(np.float32(SHARPNESS) * (cosine - np.float32(1.0))))


def fit_ridge(
    ngrams: Rows,
    embedding: FloatArray,
    truth: NDArray[np.intp],
    n_classes: int,
    groups: NDArray[np.intp] | None = None,
) -> RidgeFit:
    """Fit a head, every category weighing the same in sum.

    Args:
        ngrams: scaled rows, shape (n, n_ngrams).
        embedding: float32, shape (n, dim), rows of length one.
        truth: class number of each row.
        groups: rows of one group are held out together; three times the work of fitting alone.

    Raises:
        InvalidInput: more than ``MOST_EXAMPLES`` rows.
    """
    if len(truth) > MOST_EXAMPLES:
        raise InvalidInput(f"A head with closeness takes at most {MOST_EXAMPLES} examples, not {len(truth)}.")
    per_class = np.bincount(truth, minlength=n_classes)
    targets = np.full((len(truth), n_classes), -1.0, dtype=np.float32)
    targets[np.arange(len(truth)), truth] = 1.0
    system = gram_of(ngrams, embedding)
    weight = len(truth) / ((per_class > 0).sum() * per_class[truth])
    system[np.diag_indices(len(truth))] += (PENALTY / weight).astype(np.float32)
    factor = factor_of(system)
    coefficients = solve(factor, targets)
    held_out = np.empty((0, n_classes), dtype=np.float32)
    if groups is not None:
        held_out = targets - _residuals(coefficients, _inverse(factor), groups)
    return RidgeFit(
        ngram_weights=np.asarray(ngrams.T @ coefficients, dtype=np.float32),
        closeness_weights=np.float32(CLOSENESS_WEIGHT) * coefficients,
        held_out=held_out,
    )


def gram_of(ngrams: Rows, embedding: FloatArray) -> FloatArray:
    """Kernel of all pairs: float32, shape (n, n)."""
    n = len(embedding)
    gram = np.empty((n, n), dtype=np.float32)
    transposed = ngrams.T.tocsr()
    for start in range(0, n, _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        near = closeness(embedding[rows] @ embedding.T)
        gram[rows] = (ngrams[rows] @ transposed).toarray() + np.float32(CLOSENESS_WEIGHT) * near
    return gram


def factor_of(system: FloatArray) -> FloatArray:
    """Lower Cholesky factor of the symmetric system, which is overwritten."""
    from scipy.linalg.lapack import spotrf  # needed in training only

    factor, failed = spotrf(system.T, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise InvalidInput("The examples are too much alike to be told apart: remove copies with different labels.")
    return np.asarray(factor)


def solve(factor: FloatArray, targets: FloatArray) -> FloatArray:
    """Coefficients of a factored system: float32, shaped as the targets."""
    from scipy.linalg.lapack import spotrs

    return np.asarray(spotrs(factor, targets, lower=1)[0], dtype=np.float32)


def _inverse(factor: FloatArray) -> FloatArray:
    """Lower triangle of the inverse of the system; its factor is overwritten."""
    from scipy.linalg.lapack import spotri

    return np.asarray(spotri(factor, lower=1, overwrite_c=1)[0])


def _residuals(coefficients: FloatArray, inverse: FloatArray, groups: NDArray[np.intp]) -> FloatArray:
    """What each example's target lacks when its group is held out: float32, shape (n, n_classes)."""
    residuals = coefficients / np.diag(inverse)[:, None]
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    for members in np.split(order, starts):
        if len(members) > 1:
            lower = np.maximum.outer(members, members), np.minimum.outer(members, members)
            residuals[members] = np.linalg.solve(inverse[lower], coefficients[members])
    return residuals
