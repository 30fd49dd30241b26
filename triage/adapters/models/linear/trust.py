"""How far a trained head can be trusted, from what was said about tickets while they were held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import Calibration, ProbabilityArray, expected_calibration_error
from triage.adapters.models.linear.parameters import HeldOut, Promise
from triage.adapters.models.linear.promise import set_threshold, tagging_threshold
from triage.adapters.models.linear.twins import Verdicts


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised.

    Attributes:
        coverage: share of prediction sets that hold the true category, in (0, 1).
        max_error: share of errors among tickets tagged alone, in (0, 1).
        unfamiliar_share: share of tickets like the training ones that may be called out of scope.
    """

    coverage: float
    max_error: float
    unfamiliar_share: float


@dataclass(frozen=True, slots=True)
class Trust:
    """Probabilities that mean what they say, thresholds that keep what was promised, and what they showed."""

    calibration: Calibration
    promise: Promise
    held_out: HeldOut

    @classmethod
    def from_verdicts(cls, said: Verdicts, truth: NDArray[np.intp], promised: Promised) -> Trust:
        """Calibrate and set the thresholds.

        Args:
            truth: class number of every ticket, judged or not.
        """
        right = truth[said.rows]
        calibration = Calibration.fit(said.margins, right, said.weight)
        probability = calibration.probabilities(said.margins)
        familiarity = said.margins.max(axis=1) + said.nearest
        confidence, correct = probability.max(axis=1), probability.argmax(axis=1) == right
        promise = Promise(
            coverage=promised.coverage,
            set_threshold=set_threshold(probability[np.arange(len(right)), right], promised.coverage),
            max_error=promised.max_error,
            tagging_threshold=tagging_threshold(confidence, correct, promised.max_error, said.weight),
            familiarity_threshold=float(np.quantile(familiarity, promised.unfamiliar_share)),
        )
        tagged = (confidence >= promise.tagging_threshold) & (familiarity >= promise.familiarity_threshold)
        return cls(calibration, promise, _held_out(probability, right, tagged, promise))


def _held_out(
    probability: ProbabilityArray, right: NDArray[np.intp], tagged: NDArray[np.bool_], promise: Promise
) -> HeldOut:
    confidence, correct = probability.max(axis=1), probability.argmax(axis=1) == right
    in_set = probability >= np.minimum(promise.set_threshold, confidence)[:, None]
    return HeldOut(
        n=len(right),
        accuracy=float(correct.mean()),
        calibration_error=expected_calibration_error(confidence, correct),
        tagged_share=float(tagged.mean()),
        tagged_error=float((~correct[tagged]).mean()) if tagged.any() else 0.0,
        set_coverage=float(in_set[np.arange(len(right)), right].mean()),
        set_size=float(in_set.sum(axis=1).mean()),
    )


def recognises_no_fewer(pupil: Verdicts, teacher: Verdicts, truth: NDArray[np.intp]) -> bool:
    """Whether a pupil's first category is right as often as its teacher's, but for what chance may take away.

    Args:
        pupil: about the same tickets in the same order as ``teacher``.
        truth: class number of every ticket, judged or not.
    """
    right = truth[teacher.rows]
    lost = (teacher.margins.argmax(axis=1) == right).astype(float) - (pupil.margins.argmax(axis=1) == right)
    return bool(lost.mean() <= lost.std() / np.sqrt(len(lost)))
