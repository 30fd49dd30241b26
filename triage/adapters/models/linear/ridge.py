"""Kernel ridge regression: a head that also reads how close a text is to each example, held out for free.

The kernel is the inner product of the n-grams plus ``CLOSENESS_WEIGHT`` times the closeness of the embeddings. Each
example has one coefficient for each category, so n-grams keep weights of their own and can be named as evidence.
What a head fitted without an example (or without its near-copies) would say about it follows from the same inverse,
so calibration needs no folds.

Source: Rifkin & Lippert 2007, "Notes on Regularized Least Squares" (leave-one-out in closed form; for a group of
examples the block of the inverse takes the place of its diagonal).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        without: such heads, where they were asked for.
        beside: of other targets of the same rows, where there are some.
    """

    ngram_weights: FloatArray
    closeness_weights: FloatArray
    held_out: MarginArray
    without: Without | None
    beside: RidgeFit | None = None


@dataclass(frozen=True, slots=True)
class Without:
    """Heads that were each fitted without one group of examples.

    Attributes:
        coefficients: of the head fitted with all, shape (n, n_classes).
        inverse: lower triangle of the inverse of its system, shape (n, n).
        residuals: what each example's target lacks when its group is held out, shape (n, n_classes).
        groups: of each example.
    """

    coefficients: FloatArray
    inverse: FloatArray
    residuals: FloatArray
    groups: NDArray[np.intp]

    def margins(self, kernel: FloatArray, owners: NDArray[np.intp]) -> MarginArray:
        """Margins of texts, each from the head without the group of its owner: float32, shape (n_texts, n_classes).

        Leaving a group out changes the other coefficients by the inverse's columns of that group times its residuals.

        Args:
            kernel: of each text with each example, shape (n_texts, n).
            owners: number of the example that each text is a part of.
        """
        margins, every = kernel @ self.coefficients, np.arange(len(self.groups))
        for owner in np.unique(owners):
            members, rows = np.flatnonzero(self.groups == self.groups[owner]), np.flatnonzero(owners == owner)
            columns = self.inverse[_lower(every, members)]  # (n, n_members)
            margins[rows] -= kernel[rows] @ columns @ self.residuals[members]
        return np.asarray(margins, dtype=np.float32)


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
    *,
    pull: NDArray[np.float64] | None = None,
    keep_without: bool = False,
    beside: FloatArray | None = None,
) -> RidgeFit:
    """Fit a head, every category weighing the same in sum.

    Args:
        ngrams: scaled rows, shape (n, n_ngrams).
        embedding: float32, shape (n, dim), rows of length one.
        truth: class number of each row; ``n_classes`` for one that belongs to no category.
        groups: rows of one group are held out together; three times the work of fitting alone.
        pull: how much each row counts in its category, shape (n,), > 0; all the same when None.
        keep_without: keep the heads without each group, which takes as much memory as the kernel.
        beside: other targets of the rows, fitted from the same system, shape (n, n_others).

    Raises:
        InvalidInput: more than ``MOST_EXAMPLES`` rows.
    """
    if len(truth) > MOST_EXAMPLES:
        raise InvalidInput(f"A head with closeness takes at most {MOST_EXAMPLES} examples, not {len(truth)}.")
    belongs = truth < n_classes
    per_class = np.bincount(truth[belongs], minlength=n_classes)
    targets = np.full((len(truth), n_classes), -1.0, dtype=np.float32)
    targets[belongs, truth[belongs]] = 1.0
    system = gram_of(ngrams, embedding)
    weight = np.ones(len(truth))
    weight[belongs] = belongs.sum() / ((per_class > 0).sum() * per_class[truth[belongs]])
    if pull is not None:
        weight *= pull
    system[np.diag_indices(len(truth))] += (PENALTY / weight).astype(np.float32)
    factor = factor_of(system)
    both = targets if beside is None else np.hstack([targets, beside])
    coefficients = solve(factor, both)
    held_out, without = np.empty((0, both.shape[1]), dtype=np.float32), None
    own, others = slice(n_classes), slice(n_classes, None)
    if groups is not None:
        inverse = _inverse(factor)
        residuals = _residuals(coefficients, inverse, groups)
        held_out = both - residuals
        without = Without(coefficients[:, own], inverse, residuals[:, own], groups) if keep_without else None
    fits = [
        RidgeFit(
            ngram_weights=np.asarray(ngrams.T @ coefficients[:, columns], dtype=np.float32),
            closeness_weights=np.float32(CLOSENESS_WEIGHT) * coefficients[:, columns],
            held_out=held_out[:, columns],
            without=None,
        )
        for columns in ((own,) if beside is None else (own, others))
    ]
    return replace(fits[0], without=without, beside=fits[1] if beside is not None else None)


def gram_of(ngrams: Rows, embedding: FloatArray) -> FloatArray:
    """Kernel of all pairs: float32, shape (n, n)."""
    return kernel_of(ngrams, embedding, ngrams, embedding)


def kernel_of(ngrams: Rows, embedding: FloatArray, other_ngrams: Rows, other_embedding: FloatArray) -> FloatArray:
    """Kernel of each text with each other one: float32, shape (n, n_others)."""
    kernel = np.empty((len(embedding), len(other_embedding)), dtype=np.float32)
    transposed = other_ngrams.T.tocsr()
    for start in range(0, len(embedding), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        near = closeness(embedding[rows] @ other_embedding.T)
        kernel[rows] = (ngrams[rows] @ transposed).toarray() + np.float32(CLOSENESS_WEIGHT) * near
    return kernel


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


def _lower(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where a block of a symmetric matrix stands in its lower triangle."""
    return np.maximum.outer(rows, columns), np.minimum.outer(rows, columns)


def _residuals(coefficients: FloatArray, inverse: FloatArray, groups: NDArray[np.intp]) -> FloatArray:
    """What each example's target lacks when its group is held out: float32, shape (n, n_classes)."""
    residuals = coefficients / np.diag(inverse)[:, None]
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    for members in np.split(order, starts):
        if len(members) > 1:
            residuals[members] = np.linalg.solve(inverse[_lower(members, members)], coefficients[members])
    return residuals
