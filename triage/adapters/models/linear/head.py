"""The linear head: how it is fitted.

scikit-learn is imported here only, when training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.ngrams import Rows

UNSEEN_MARGIN = -2.0  # for a category that a fold's training part lacks


Loss = Literal["hinge", "logistic"]

# Chosen on draws of five and ten examples of each Banking77 intent: 2-4 points better than machines there.
LOGISTIC_COST = 20.0
LOGISTIC_STEPS, LOGISTIC_TOLERANCE = 200, 1e-3


@dataclass(frozen=True, slots=True)
class Fitting:
    """How to fit a head.

    Attributes:
        loss: ``hinge`` (one-vs-rest machines) or ``logistic`` (multinomial, for few examples).
        cost: penalty of a training error of the machines; larger follows the examples more closely.
    """

    loss: Loss = "hinge"
    cost: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of shape (n_features, n_classes) and intercepts of shape (n_classes,), float32."""

    features: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def margins(self, rows: Rows) -> MarginArray:
        """Margins of rows: float32, shape (n, n_classes)."""
        return np.asarray(rows @ self.features + self.intercept, dtype=np.float32)


def fit_weights(rows: Rows, truth: NDArray[np.intp], n_classes: int, fitting: Fitting) -> Weights:
    """Fit a head, every category weighing the same in sum.

    Args:
        truth: class number of each row; a class without a row gets a constant low margin.
    """
    weights = np.zeros((rows.shape[1], n_classes), dtype=np.float32)
    intercept = np.full(n_classes, UNSEEN_MARGIN, dtype=np.float32)
    present = np.unique(truth)
    if len(present) < 2:
        intercept[present] = 0.0
        return Weights(weights, intercept)
    fit = _fit_logistic if fitting.loss == "logistic" else _fit_machines
    found, offsets = fit(rows, truth, fitting)
    # For two categories there is one set of weights, which speaks for the second.
    weights[:, present] = np.stack([-found[0], found[0]] if len(present) == 2 else list(found), axis=1)
    intercept[present] = (-offsets[0], offsets[0]) if len(present) == 2 else offsets
    return Weights(weights, intercept)


def _fit_machines(
    rows: Rows, truth: NDArray[np.intp], fitting: Fitting
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One machine against the rest for each category: the most accurate head from some twenty examples of each on."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=fitting.cost, class_weight="balanced", random_state=fitting.seed).fit(rows, truth)
    return machine.coef_, machine.intercept_


def _fit_logistic(rows: Rows, truth: NDArray[np.intp], _: Fitting) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Multinomial logistic regression, for few examples.

    The weights are combinations of the examples (representer theorem), so the search runs in as many dimensions as
    there are examples instead of one for each n-gram.
    """
    from sklearn.linear_model import LogisticRegression

    values, vectors = np.linalg.eigh((rows @ rows.T).toarray().astype(np.float64))
    kept = values > 1e-8
    basis = vectors[:, kept] / np.sqrt(values[kept])  # (n, rank): rows.T @ basis has orthonormal columns
    projected = vectors[:, kept] * np.sqrt(values[kept])  # (n, rank): the examples in that basis
    # A cost means the same whatever the length of the rows.
    cost = LOGISTIC_COST / float(rows.multiply(rows).sum(axis=1).mean())
    head = LogisticRegression(C=cost, class_weight="balanced", max_iter=LOGISTIC_STEPS, tol=LOGISTIC_TOLERANCE).fit(
        projected, truth
    )
    return (rows.T @ (basis @ head.coef_.T)).T, head.intercept_
