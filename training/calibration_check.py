"""How much of a calibration error is more than chance.

The expected calibration error is never 0: with few texts even perfectly calibrated probabilities miss the share that
was right by luck. So a measured error is put beside what such probabilities would have shown on as many texts.

Source: Vaicenavicius et al. 2019, "Evaluating model calibration in classification" (consistency resampling);
Kumar, Liang & Ma 2019, "Verified Uncertainty Calibration" (debiased squared error of the bins).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import BINS, ProbabilityArray, bin_of, expected_calibration_error

DRAWS = 500


@dataclass(frozen=True, slots=True)
class CalibrationByChance:
    """What perfectly calibrated probabilities would have shown, and what is left of the error without chance.

    Attributes:
        mean: mean expected calibration error of perfectly calibrated probabilities, in [0, 1].
        high: 95 % of such draws show less; a measured error above it is more than chance.
        debiased: root of the squared error of the bins less its expectation by chance, in [0, 1]; 0 when chance
            explains all of it.
    """

    mean: float
    high: float
    debiased: float

    def explains(self, error: float) -> bool:
        """Whether a measured expected calibration error may well be chance."""
        return error <= self.high


def calibration_by_chance(
    confidence: ProbabilityArray, correct: NDArray[np.bool_], seed: int = 0
) -> CalibrationByChance:
    """Judge the calibration error of the first category's probability.

    Args:
        confidence: probability of the first category of each text, shape (n,).
        correct: whether that category was right, shape (n,).
    """
    if not len(confidence):
        return CalibrationByChance(0.0, 0.0, 0.0)
    rng = np.random.default_rng(seed)
    lucky = [expected_calibration_error(confidence, rng.random(len(confidence)) < confidence) for _ in range(DRAWS)]
    return CalibrationByChance(
        mean=float(np.mean(lucky)), high=float(np.quantile(lucky, 0.95)), debiased=_debiased(confidence, correct)
    )


def _debiased(confidence: ProbabilityArray, correct: NDArray[np.bool_]) -> float:
    """Root of the debiased squared error; bins of a single text say nothing about themselves and are left out."""
    bins = bin_of(confidence)
    sizes = np.bincount(bins, minlength=BINS).astype(np.float64)
    filled = sizes > 1
    share_right = np.bincount(bins, weights=correct, minlength=BINS)[filled] / sizes[filled]
    promised = np.bincount(bins, weights=confidence, minlength=BINS)[filled] / sizes[filled]
    squared = (promised - share_right) ** 2 - share_right * (1 - share_right) / (sizes[filled] - 1)
    return float(np.sqrt(max(0.0, float((squared * sizes[filled]).sum() / len(confidence)))))
