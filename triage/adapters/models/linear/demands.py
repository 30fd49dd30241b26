"""What customers demand, beside what a ticket is about: several codes or none, read from the same features.

Words that name a demand („proszę o wymianę”) are cues of the company. Many tickets only imply one („poproszę ten
właściwy kolor”); a head that was taught them reads these. It is fitted with the categories' head, from the same
inverse, so that its held-out margins are free as well; they turn margins into probabilities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from knowledge_base.passage import FloatArray
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.parameters import DemandHead, Head

#: A code that fewer tickets have is not taught.
LEAST_EXAMPLES = 20


def codes_taught(demands: Sequence[Collection[str]]) -> tuple[str, ...]:
    """Codes that enough tickets have, sorted.

    >>> codes_taught([{"WYMIANA"}] * 20 + [{"CZESC"}])
    ('WYMIANA',)
    """
    counted = Counter(code for codes in demands for code in set(codes))
    return tuple(sorted(code for code, n in counted.items() if n >= LEAST_EXAMPLES))


def targets_of(demands: Sequence[Collection[str]], codes: Sequence[str], n: int) -> FloatArray:
    """1 where a ticket makes a demand, else -1: float32, shape (n, n_codes); rows behind the tickets make none."""
    targets = np.full((n, len(codes)), -1.0, dtype=np.float32)
    targets[: len(demands)][[[code in made for code in codes] for made in demands]] = 1.0
    return targets


def read_demands(codes: tuple[str, ...], head: Head, held_out: MarginArray, targets: FloatArray) -> DemandHead:
    """A head with what its held-out margins say of their odds, all demands together (Platt 1999).

    Args:
        held_out: margins of each ticket from a head without it, shape (n, n_codes).
        targets: as :func:`targets_of` of those tickets.
    """
    from sklearn.linear_model import LogisticRegression  # needed in training only

    fit = LogisticRegression(C=1e3).fit(held_out.reshape(-1, 1), targets.ravel() > 0)
    return DemandHead(codes, head, float(fit.coef_[0, 0]), float(fit.intercept_[0]))
