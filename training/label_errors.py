"""Likely label errors in a desk's own history, for a person to look at.

A ticket is named when a model that had not seen it leaves its label out of the prediction set and gives another
category at least that category's usual probability. The first condition bounds false alarms: of the right labels, no
more are named than the promised coverage leaves out of the sets, however little the model knows.

Source: Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (usual
probability as threshold); the prediction set is that of ``linear.promise``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelDoubt:
    """A ticket whose label may be wrong.

    Attributes:
        given: the label it has.
        suggested: the label the model would give.
        margin: how much more probable the suggested label is, in [0, 1].
    """

    id: str
    given: str
    suggested: str
    margin: float


def likely_label_errors(
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    categories: Sequence[str],
    ids: Sequence[str],
    set_threshold: float,
) -> tuple[LabelDoubt, ...]:
    """Tickets whose label may be wrong, the most doubtful first.

    Args:
        probabilities: held-out, shape (n, n_categories), columns as ``categories``.
        labels: the given label of each ticket.
        set_threshold: least probability of a category in the prediction set.
    """
    place = {category: number for number, category in enumerate(categories)}
    given = np.array([place[label] for label in labels])
    rows = np.arange(len(given))
    usual = np.array(
        [probabilities[given == k, k].mean() if (given == k).any() else 1.0 for k in range(len(categories))]
    )
    sure = np.where(probabilities >= usual, probabilities, 0.0)
    suggested = sure.argmax(axis=1)
    margin = probabilities[rows, suggested] - probabilities[rows, given]
    outside = probabilities[rows, given] < set_threshold
    doubtful = np.flatnonzero(outside & (suggested != given) & (sure.max(axis=1) > 0) & (margin > 0))
    return tuple(
        LabelDoubt(ids[int(row)], categories[given[row]], categories[suggested[row]], round(float(margin[row]), 4))
        for row in doubtful[np.argsort(-margin[doubtful], kind="stable")]
    )
