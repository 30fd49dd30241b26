"""The danger threshold: chosen for recall on tickets the model had not seen, rules counted in."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluate_safety import Danger, choose_threshold, found_by_rules
from triage.adapters.company import load_company


def danger(truth: list[bool], by_rule: list[bool], probability: list[float]) -> Danger:
    return Danger(np.array(truth), np.array(by_rule), np.array(probability))


def test_what_a_rule_finds_needs_no_probability() -> None:
    found = danger([True, True, False, False], [True, False, False, True], [0.0, 0.3, 0.3, 0.0])
    assert (found.recall(0.2).count, found.recall(0.2).n) == (2, 2)
    assert (found.precision(0.2).count, found.precision(0.2).n) == (2, 4)
    assert found.recall(0.31).value == 0.5


def test_the_threshold_is_the_largest_that_finds_enough() -> None:
    truth, by_rule = [True] * 50 + [False] * 50, [False] * 100
    probability = [0.01] + [0.255] * 49 + [0.2] * 50
    assert choose_threshold(danger(truth, by_rule, probability)) == pytest.approx(0.25)  # 49 of 50 are 0.98


def test_a_model_that_finds_too_little_gets_the_least_threshold() -> None:
    assert choose_threshold(danger([True] * 4, [False] * 4, [0.0] * 4)) == pytest.approx(0.01)


def test_the_shipped_rules_know_smoke_and_not_a_return() -> None:
    found = found_by_rules(["Toster się zapalił, poszedł dym", "Chcę zwrócić buty, za małe"], load_company())
    assert found.tolist() == [True, False]
