"""How far a trained head can be trusted, from what was said about tickets while they were held out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import Calibration, ProbabilityArray, expected_calibration_error
from triage.adapters.models.linear.parameters import HeldOut, Judged, Promise
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
    judged: Judged

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
        least_familiar = float(np.quantile(familiarity, promised.unfamiliar_share))
        judged = Judged(
            confidence=probability.max(axis=1),
            true_probability=probability[np.arange(len(right)), right],
            correct=probability.argmax(axis=1) == right,
            familiar=familiarity >= least_familiar,
            weight=np.ones(len(right)) if said.weight is None else said.weight,
        )
        promise = promise_from(judged, promised.coverage, promised.max_error, least_familiar)
        return cls(calibration, promise, _held_out(probability, judged, promise), judged)


def promise_from(judged: Judged, coverage: float, max_error: float, familiarity_threshold: float) -> Promise:
    """The thresholds that keep a promise, from what was said about held-out tickets.

    Args:
        coverage: share of prediction sets that shall hold the true category, in (0, 1).
        max_error: share of errors among tickets tagged alone, in (0, 1).
    """
    return Promise(
        coverage=coverage,
        set_threshold=set_threshold(judged.true_probability, coverage),
        max_error=max_error,
        tagging_threshold=tagging_threshold(judged.confidence, judged.correct, max_error, judged.weight),
        familiarity_threshold=familiarity_threshold,
    )


def held_out_under(promise: Promise, judged: Judged, before: HeldOut) -> HeldOut:
    """What the held-out tickets show under another promise; the sizes of sets stay those of ``before``."""
    tagged = (judged.confidence >= promise.tagging_threshold) & judged.familiar
    in_set = judged.true_probability >= np.minimum(promise.set_threshold, judged.confidence)
    return replace(
        before,
        tagged_share=float(tagged.mean()),
        tagged_error=float((~judged.correct[tagged]).mean()) if tagged.any() else 0.0,
        set_coverage=float(in_set.mean()),
    )


def _held_out(probability: ProbabilityArray, judged: Judged, promise: Promise) -> HeldOut:
    in_set = probability >= np.minimum(promise.set_threshold, judged.confidence)[:, None]
    shown = HeldOut(
        n=len(judged.correct),
        accuracy=float(judged.correct.mean()),
        calibration_error=expected_calibration_error(judged.confidence, judged.correct),
        tagged_share=0.0,
        tagged_error=0.0,
        set_coverage=0.0,
        set_size=float(in_set.sum(axis=1).mean()),
    )
    return held_out_under(promise, judged, shown)


def recognises_no_fewer(pupil: Verdicts, teacher: Verdicts, truth: NDArray[np.intp]) -> bool:
    """Whether a pupil's first category is right as often as its teacher's, but for what chance may take away.

    Args:
        pupil: about the same tickets in the same order as ``teacher``.
        truth: class number of every ticket, judged or not.
    """
    right = truth[teacher.rows]
    lost = (teacher.margins.argmax(axis=1) == right).astype(float) - (pupil.margins.argmax(axis=1) == right)
    return bool(lost.mean() <= lost.std() / np.sqrt(len(lost)))
