"""The figures of several draws as one row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from training.benchmark_classification import Figures, mean_of_draws

DRAW = Figures(
    task="t/5-shot",
    model="linear",
    n_train=50,
    n_dev=200,
    accuracy=0.8,
    accuracy_low=0.7,
    accuracy_high=0.9,
    macro_f1=0.8,
    calibration_error=0.02,
    calibration_error_by_chance=0.03,
    tagged=0.5,
    tagged_error=0.04,
    promise_held=True,
    accuracy_with_rejection=0.79,
    oos_recall=None,
    train_s=2.0,
    train_cpu_s=3.0,
)


def test_draws_are_shown_as_their_mean_and_as_how_many_held_the_promise() -> None:
    other = replace(DRAW, accuracy=0.84, calibration_error=0.04, tagged=0.7, tagged_error=0.12, promise_held=False)
    row = mean_of_draws("t/5-shot", [DRAW, other])
    assert row["draws"] == 2
    assert row["accuracy"] == pytest.approx(0.82)
    assert row["accuracy_spread"] == pytest.approx(0.02)
    assert row["calibration_error"] == pytest.approx(0.03)
    assert (row["tagged"], row["tagged_error"]) == (pytest.approx(0.6), pytest.approx(0.08))
    assert row["promises_held"] == 1
