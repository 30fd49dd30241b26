"""The linear head: one-vs-rest support vector machines, and their margins on texts they have not seen.

scikit-learn is imported here only, when training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.grouping import spread_over_folds
from triage.adapters.models.linear.ngrams import Rows

UNSEEN_MARGIN = -2.0  # for a category that a fold's training part lacks


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of shape (n_features, n_classes) and intercepts of shape (n_classes,), float32."""

    features: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def margins(self, rows: Rows) -> MarginArray:
        """Margins of rows: float32, shape (n, n_classes)."""
        return np.asarray(rows @ self.features + self.intercept, dtype=np.float32)


def fit_weights(rows: Rows, truth: NDArray[np.intp], n_classes: int, *, cost: float, seed: int) -> Weights:
    """Fit with squared hinge loss, every category weighing the same in sum.

    Args:
        truth: class number of each row; a class without a row gets a constant low margin.
        cost: penalty of a training error; larger follows the examples more closely.
    """
    from sklearn.svm import LinearSVC

    weights = np.zeros((rows.shape[1], n_classes), dtype=np.float32)
    intercept = np.full(n_classes, UNSEEN_MARGIN, dtype=np.float32)
    present = np.unique(truth)
    if len(present) < 2:
        intercept[present] = 0.0
        return Weights(weights, intercept)
    machine = LinearSVC(C=cost, class_weight="balanced", random_state=seed).fit(rows, truth)
    # For two categories there is one machine, which speaks for the second.
    both = (-machine.coef_[0], machine.coef_[0]) if len(present) == 2 else machine.coef_
    weights[:, present] = np.stack(both, axis=1)
    offsets = machine.intercept_
    intercept[present] = (-offsets[0], offsets[0]) if len(present) == 2 else offsets
    return Weights(weights, intercept)


def held_out_margins(
    rows: Rows, truth: NDArray[np.intp], groups: NDArray[np.intp], *, folds: int, cost: float, seed: int
) -> MarginArray:
    """Margins of each row from a head that saw no row of its group: float32, shape (n, n_classes)."""
    n_classes = int(truth.max()) + 1
    margins = np.empty((len(truth), n_classes), dtype=np.float32)
    fold_of = spread_over_folds(truth, groups, folds, seed)
    for fold in np.unique(fold_of):
        held_out, seen = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
        weights = fit_weights(rows[seen], truth[seen], n_classes, cost=cost, seed=seed)
        margins[held_out] = weights.margins(rows[held_out])
    return margins
