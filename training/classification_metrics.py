"""Measures of a classifier that may abstain: accuracy with intervals, F1, calibration, what its promises were worth.

Every text stays in the denominator; an abstention is not an error, but it is not a tagged ticket either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from training.calibration_check import CalibrationByChance, calibration_by_chance
from training.intervals import Share, share
from triage.adapters.models.linear.calibration import expected_calibration_error
from triage.domain.classification import AbstainReason, Prediction

FEW_EXAMPLES = 20
CURVE_STEPS = 20


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """One category: ``n`` true examples, precision, recall and F1 in [0, 1], and the share tagged without a person."""

    label: str
    n: int
    precision: float
    recall: float
    f1: float
    tagged: float


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Detection of texts that belong to no category: recall over those texts, false alarms over the others."""

    recall: Share
    false_alarms: Share


@dataclass(frozen=True, slots=True)
class Report:
    """What a classifier showed on texts it was not trained on.

    Attributes:
        accuracy: first category right, over the texts in scope.
        top3: true category among the first three.
        macro_f1: mean F1 of the categories, in [0, 1].
        calibration_error: expected calibration error of the first category's probability, in [0, 1].
        calibration_by_chance: what that error would have been if the probabilities meant exactly what they say.
        set_coverage: prediction sets that hold the true category.
        set_size: mean number of categories in a prediction set.
        tagged: texts not abstained on.
        tagged_error: errors among those.
        curve: pairs of (share tagged, error among them), from the most confident texts to all.
    """

    accuracy: Share
    top3: Share
    macro_f1: float
    calibration_error: float
    calibration_by_chance: CalibrationByChance
    set_coverage: Share
    set_size: float
    tagged: Share
    tagged_error: Share
    classes: tuple[ClassMeasures, ...]
    curve: tuple[tuple[float, float], ...]
    out_of_scope: OutOfScope | None = None

    @property
    def calibration(self) -> str:
        """The calibration error beside what chance alone would show, and what is left without chance."""
        chance = self.calibration_by_chance
        perfect = f"perfect probabilities: {chance.mean:.3f}, up to {chance.high:.3f}"
        return f"{self.calibration_error:.3f} ({perfect}; squared error less chance, root: {chance.debiased:.3f})"

    def as_json(self) -> dict[str, object]:
        """The report as plain JSON values; shares with count, n and interval."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        plain = {key: _plain(inner) for key, inner in value.items()}
        if {"count", "n", "low", "high"} <= plain.keys():
            plain["value"] = value["count"] / value["n"] if value["n"] else 0.0
        return plain
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value


def measure(predictions: Sequence[Prediction], truth: Sequence[str], *, oos_label: str | None = None) -> Report:
    """Compare predictions with the true labels.

    Args:
        oos_label: label of the texts that belong to no category; they count in ``out_of_scope`` only.
    """
    pairs = list(zip(predictions, truth, strict=True))
    inside = [(prediction, label) for prediction, label in pairs if label != oos_label]
    first = np.array([prediction.alternatives[0].code for prediction, _ in inside], dtype=object)
    labels = np.array([label for _, label in inside], dtype=object)
    confidence = np.array([prediction.alternatives[0].probability for prediction, _ in inside])
    correct = np.asarray(first == labels, dtype=bool)
    tagged = np.array([prediction.abstain_reason is None for prediction, _ in inside], dtype=bool)
    classes = tuple(_of_class(label, first, labels, tagged) for label in sorted(set(labels.tolist())))
    return Report(
        accuracy=_share(correct),
        top3=_share([label in {a.code for a in prediction.alternatives[:3]} for prediction, label in inside]),
        macro_f1=float(np.mean([each.f1 for each in classes])) if classes else 0.0,
        calibration_error=expected_calibration_error(confidence, correct),
        calibration_by_chance=calibration_by_chance(confidence, correct),
        set_coverage=_share([label in prediction.prediction_set for prediction, label in inside]),
        set_size=float(np.mean([len(prediction.prediction_set) for prediction, _ in inside])) if inside else 0.0,
        tagged=_share(tagged),
        tagged_error=_share(~correct[tagged]),
        classes=classes,
        curve=_curve(confidence, correct),
        out_of_scope=_out_of_scope(pairs, oos_label) if oos_label is not None else None,
    )


def confusion(predictions: Sequence[Prediction], truth: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Labels, and counts of shape (n_labels, n_labels): row = true label, column = first category."""
    first = [prediction.alternatives[0].code for prediction in predictions]
    labels = tuple(sorted({*truth, *first}))
    place = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.intp)
    for true, predicted in zip(truth, first, strict=True):
        counts[place[true], place[predicted]] += 1
    return labels, counts


def _of_class(
    label: str, first: NDArray[np.object_], labels: NDArray[np.object_], tagged: NDArray[np.bool_]
) -> ClassMeasures:
    true, predicted = labels == label, first == label
    hits, n, found = int((true & predicted).sum()), int(true.sum()), int(predicted.sum())
    return ClassMeasures(
        label=label,
        n=n,
        precision=hits / found if found else 0.0,
        recall=hits / n,
        f1=2 * hits / (n + found),
        tagged=float(tagged[true].mean()),
    )


def _curve(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(~correct[order])
    counts = np.unique(np.linspace(0, len(order), CURVE_STEPS + 1).astype(int)[1:])
    return tuple((int(n) / len(order), int(errors[n - 1]) / int(n)) for n in counts if n)


def _out_of_scope(pairs: Sequence[tuple[Prediction, str]], oos_label: str) -> OutOfScope:
    """A text is called out of scope when the model abstains for that reason or names the label itself."""
    called = [
        prediction.abstain_reason is AbstainReason.OUT_OF_SCOPE or prediction.alternatives[0].code == oos_label
        for prediction, _ in pairs
    ]
    outside = np.array([label == oos_label for _, label in pairs], dtype=bool)
    return OutOfScope(_share(np.array(called)[outside]), _share(np.array(called)[~outside]))


def _share(happened: Sequence[bool] | NDArray[np.bool_]) -> Share:
    return share(int(np.sum(happened)), len(happened))
