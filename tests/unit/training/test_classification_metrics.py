"""The classifier's measures against hand-worked answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import f1_score

from training.calibration_check import calibration_by_chance
from training.classification_metrics import confusion, measure
from training.classification_plots import confusion_svg, curve_svg
from training.label_errors import likely_label_errors
from triage.adapters.models.linear.calibration import expected_calibration_error
from triage.domain.classification import AbstainReason, Alternative, Prediction


def said(*ranked: tuple[str, float], reason: AbstainReason | None = None, members: tuple[str, ...] = ()) -> Prediction:
    alternatives = tuple(Alternative(code, probability) for code, probability in ranked)
    return Prediction(alternatives, members or (ranked[0][0],), reason)


FOUR = [
    said(("a", 0.9), ("b", 0.1)),
    said(("a", 0.8), ("b", 0.2), members=("a", "b")),
    said(("b", 0.6), ("a", 0.4), reason=AbstainReason.LOW_CONFIDENCE),
    said(("b", 0.9), ("a", 0.1)),
]
TRUTH = ["a", "b", "a", "b"]


def test_counts_of_a_hand_worked_case() -> None:
    report = measure(FOUR, TRUTH)
    assert (report.accuracy.count, report.accuracy.n) == (2, 4)
    assert (report.tagged.count, report.tagged_error.count, report.tagged_error.n) == (3, 1, 3)
    assert (report.set_coverage.count, report.set_size) == (3, 1.25)
    assert report.macro_f1 == pytest.approx(f1_score(TRUTH, ["a", "a", "b", "b"], average="macro"))
    assert [(each.label, each.precision, each.recall, each.tagged) for each in report.classes] == [
        ("a", 0.5, 0.5, 0.5),
        ("b", 0.5, 0.5, 1.0),
    ]


def test_the_curve_goes_from_the_most_confident_text_to_all() -> None:
    # By confidence: right, right (0.9 each), wrong (0.8), wrong (0.6).
    np.testing.assert_allclose(measure(FOUR, TRUTH).curve, [(0.25, 0), (0.5, 0), (0.75, 1 / 3), (1, 0.5)])


def test_texts_out_of_scope_count_apart() -> None:
    predictions = [*FOUR, said(("a", 0.3), reason=AbstainReason.OUT_OF_SCOPE), said(("a", 0.3))]
    report = measure(predictions, [*TRUTH, "none", "none"], oos_label="none")
    assert report.accuracy.n == 4
    assert report.out_of_scope is not None
    assert (report.out_of_scope.recall.count, report.out_of_scope.recall.n) == (1, 2)
    assert (report.out_of_scope.false_alarms.count, report.out_of_scope.false_alarms.n) == (0, 4)


def test_a_calibration_error_is_printed_beside_what_chance_shows_and_without_chance() -> None:
    boasting = [said(("a", 0.9), ("b", 0.1))] * 100
    printed = measure(boasting, ["a"] * 60 + ["b"] * 40).calibration
    assert printed.startswith("0.300 (perfect probabilities: 0.02")
    # (0.9 - 0.6)² less 0.6 · 0.4 / 99, of which the root is 0.296
    assert printed.endswith("; squared error less chance, root: 0.296)")


def test_nothing_measured_is_no_crash_and_no_perfect_score() -> None:
    report = measure([], [])
    assert (report.accuracy.n, report.macro_f1, report.accuracy.high) == (0, 0.0, 1.0)


def test_the_report_is_plain_json_with_intervals() -> None:
    accuracy = measure(FOUR, TRUTH).as_json()["accuracy"]
    assert isinstance(accuracy, dict)
    assert accuracy["value"] == 0.5
    assert accuracy["low"] == pytest.approx(0.150, abs=0.001)  # Wilson interval of 2 of 4


def test_the_confusion_matrix_has_true_labels_in_rows() -> None:
    labels, counts = confusion(FOUR, TRUTH)
    assert labels == ("a", "b")
    assert counts.tolist() == [[1, 1], [1, 1]]


def test_pictures_by_hand_are_well_formed_and_escape_labels() -> None:
    import xml.etree.ElementTree as ElementTree

    picture = ElementTree.fromstring(confusion_svg(["<a>", "b & c"], np.eye(2)))
    assert "".join(picture.itertext()).count("<a>") == 2
    curve = ElementTree.fromstring(curve_svg([(0.5, 0.0), (1.0, 0.2)], 0.05))
    line = curve.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    assert line.attrib["points"] == "240.0,272.0 432.0,48.0"  # no error on the base line; the largest at the top


def test_a_planted_label_error_is_found_and_comes_first() -> None:
    sure = np.tile([[0.9, 0.1]], (10, 1))
    probabilities = np.concatenate([sure, sure[:, ::-1]])
    labels = ["a"] * 10 + ["b"] * 10
    labels[3] = "b"
    doubts = likely_label_errors(probabilities, labels, ("a", "b"), [f"t{n}" for n in range(20)], 0.2)
    assert [(d.id, d.given, d.suggested) for d in doubts] == [("t3", "b", "a")]
    assert doubts[0].margin == pytest.approx(0.8)


def test_labels_are_not_doubted_because_the_model_knows_little() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(6), size=400)  # unrelated to the labels, all of which are right
    labels = [f"c{k}" for k in rng.integers(0, 6, size=400)]
    categories = tuple(f"c{k}" for k in range(6))
    given = probabilities[np.arange(400), [categories.index(label) for label in labels]]
    doubts = likely_label_errors(
        probabilities, labels, categories, [str(n) for n in range(400)], float(np.quantile(given, 0.1))
    )
    assert 0 < len(doubts) <= 40  # the tenth that a coverage of 90 % leaves out


def test_chance_alone_explains_the_error_of_perfect_probabilities_and_not_that_of_boasts() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1.0, size=400)
    honest, boasting = rng.random(400) < confidence, rng.random(400) < confidence - 0.2
    by_chance = calibration_by_chance(confidence, honest)
    assert by_chance.explains(expected_calibration_error(confidence, honest))
    assert by_chance.debiased < 0.03
    boast = calibration_by_chance(confidence, boasting)
    assert not boast.explains(expected_calibration_error(confidence, boasting))
    assert boast.debiased == pytest.approx(0.2, abs=0.05)


def test_the_chance_error_of_one_bin_is_the_mean_deviation_of_a_binomial() -> None:
    confidence = np.full(100, 0.9)
    counts = np.arange(101)
    expected = float((binom.pmf(counts, 100, 0.9) * np.abs(counts / 100 - 0.9)).sum())
    assert calibration_by_chance(confidence, np.ones(100, dtype=bool)).mean == pytest.approx(expected, rel=0.1)
