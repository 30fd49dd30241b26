"""What a desk is promised: sets that hold the true category, and a limit on errors among tickets tagged alone.

Both are computed from held-out probabilities and hold for tickets that come from the same source as those.

Source: Vovk et al. 2005, "Algorithmic Learning in a Random World"; Sadinle et al. 2019, "Least Ambiguous Set-Valued
Classifiers" (prediction sets). Angelopoulos et al. 2021, "Learn then Test" (fixed-sequence testing of thresholds);
Clopper & Pearson 1934 (bound on the error).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from triage.adapters.models.linear.calibration import ProbabilityArray

#: The promise is broken by bad luck of the held-out draw with at most this probability.
RISK = 0.1
#: Shares of the tickets at which searches for the threshold begin, each with its part of the risk. A search from a
#: tenth on alone is often ended by one wrong label among some forty tickets: of resampled draws of ten examples of each
#: Banking77 intent a quarter then tagged nothing, in one of four draws, where two searches tagged 0.66 of the tickets.
STARTS = (0.1, 0.4)
STEP = 0.05
NEVER = 2.0  # a confidence no ticket has: everything goes to a person


def set_threshold(true_probability: ProbabilityArray, coverage: float) -> float:
    """Least probability a category needs to stand in the prediction set.

    Args:
        true_probability: probability each held-out ticket gave to its true category, shape (n,).
        coverage: share of new tickets whose set shall hold the true category, in (0, 1).

    Returns:
        A threshold in [0, 1]; 0 (every category) when n is too small for the coverage.
    """
    n = len(true_probability)
    rank = math.ceil((n + 1) * coverage)
    if rank > n:
        return 0.0
    return float(np.sort(true_probability)[n - rank])


def error_bound(errors: float, n: float, risk: float = RISK) -> float:
    """Upper Clopper-Pearson bound of an error rate; exceeded with probability ``risk`` at most.

    >>> round(error_bound(0, 45), 3)
    0.05
    """
    return 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, 1 - risk))


def tagging_threshold(
    confidence: ProbabilityArray,
    correct: NDArray[np.bool_],
    max_error: float,
    weight: NDArray[np.float64] | None = None,
) -> float:
    """Least confidence at which tickets may be tagged without a person.

    Thresholds are tried from strict to lenient, at 10 %, 15 %, 20 % … of the tickets; the first one whose error bound
    exceeds ``max_error`` ends the search, so that trying many costs nothing of the promise. A second search begins at
    40 %; each takes half of the risk, and the more lenient of what they found holds.

    Args:
        confidence: probability of the first category of each held-out ticket, shape (n,).
        correct: whether that category was right, shape (n,).
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        weight: how many tickets each stands for, shape (n,); all for one when None. Unequal ones prove as much as fewer
            equal ones would (Kish 1965, "Survey Sampling").

    Returns:
        A threshold in [0, 1], or ``NEVER`` when nothing can be promised.
    """
    order = np.argsort(-confidence, kind="stable")
    each = np.ones(len(order)) if weight is None else weight[order]
    stood_for, wrong, squares = np.cumsum(each), np.cumsum(each * ~correct[order]), np.cumsum(each**2)
    risk = RISK / len(STARTS)
    fewest = math.ceil(math.log(risk) / math.log(1 - max_error))  # fewer tickets cannot pass even without an error
    passed = NEVER
    for start in STARTS:
        for share in np.arange(max(start, fewest / max(len(order), 1)), 1 + 1e-9, STEP):
            last = math.ceil(share * len(order) - 1e-9) - 1
            n = stood_for[last] ** 2 / squares[last]
            if error_bound(n * wrong[last] / stood_for[last], n, risk) > max_error:
                break
            passed = min(passed, float(confidence[order[last]]))
    return passed
