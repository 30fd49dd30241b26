"""Likely label errors in a desk's own history, for a person to look at.

A ticket is named when a model that had not seen it leaves its label out of the prediction set and gives another
category at least that category's usual probability. The first condition bounds false alarms: of the right labels, no
more are named than the promised coverage leaves out of the sets, however little the model knows.

Source: Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (usual
probability as threshold); the prediction set is that of ``linear.promise``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.ticket_history import LabelledTicket
from triage.errors import InvalidInput


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


def read_reviewed(path: Path) -> dict[str, str]:
    """Labels by ticket id, from a list as ``label_errors.jsonl`` after a person took out what was right as filed.

    Raises:
        InvalidInput: the file cannot be read, or a line is not a JSON object with ``id`` and ``suggested``.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{path} cannot be read: give the label_errors.jsonl you looked through.") from None
    reviewed: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line) if line.strip() else None
            reviewed |= {} if row is None else {str(row["id"]): str(row["suggested"])}
        except (ValueError, KeyError, TypeError):
            raise InvalidInput(f"{path.name}, line {number}: give a JSON object with id and suggested.") from None
    return reviewed


def relabelled(tickets: Sequence[LabelledTicket], reviewed: Mapping[str, str]) -> list[LabelledTicket]:
    """The tickets with the labels that a person accepted.

    Raises:
        InvalidInput: none of the ids is one of a ticket.
    """
    if reviewed and not reviewed.keys() & {ticket.id for ticket in tickets}:
        raise InvalidInput(
            f"None of the {len(reviewed)} reviewed ids is one of a ticket: give the same table and --id as when the "
            "list was made."
        )
    return [replace(ticket, label=reviewed.get(ticket.id, ticket.label)) for ticket in tickets]
