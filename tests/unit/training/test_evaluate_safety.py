"""The danger table: chosen for recall on tickets the model had not seen, rules counted in."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluate_safety import Danger, choose_least, found_by_rules, signs_in
from triage.adapters.company import load_company


def danger(truth: list[bool], by_rule: list[bool], probability: list[float], signs: list[int] | None = None) -> Danger:
    return Danger(np.array(truth), np.array(by_rule), np.array(probability), np.array(signs or [0] * len(truth)))


def test_what_a_rule_finds_needs_no_probability() -> None:
    found = danger([True, True, False, False], [True, False, False, True], [0.0, 0.3, 0.3, 0.0])
    assert (found.recall([0.2]).count, found.recall([0.2]).n) == (2, 2)
    assert (found.precision([0.2]).count, found.precision([0.2]).n) == (2, 4)
    assert found.recall([0.31]).value == 0.5


def test_signs_of_danger_lower_what_the_model_must_be_sure_of() -> None:
    found = danger([True, True, False], [False] * 3, [0.1, 0.1, 0.1], [0, 2, 0])
    assert found.recall([0.5, 0.2, 0.05]).count == 1
    assert found.precision([0.5, 0.2, 0.05]).value == 1.0
    assert found.recall([0.5, 0.05]).count == 1  # the last one holds for any more signs


def test_the_table_finds_enough_and_asks_for_less_with_every_sign() -> None:
    draw = np.random.default_rng(7)
    truth = np.arange(600) % 3 == 0
    probability = np.clip(draw.normal(np.where(truth, 0.6, 0.2), 0.15), 0.001, 0.999)
    signs = draw.binomial(4, np.where(truth, 0.6, 0.1))
    least = choose_least(Danger(truth, np.zeros(600, dtype=bool), probability, signs))
    assert len(least) == 4
    assert sorted(least, reverse=True) == list(least)
    seed = Danger(truth, np.zeros(600, dtype=bool), probability, signs)
    assert 0.97 <= seed.recall(least).value < 1.0
    assert seed.precision(least).value > seed.precision([least[2]]).value


def test_what_rules_find_leaves_the_model_free_to_be_stricter() -> None:
    truth, probability = [True] * 100 + [False] * 100, [0.01] * 20 + [0.8] * 80 + [0.1] * 100
    alone = choose_least(danger(truth, [False] * 200, probability))
    beside_rules = choose_least(danger(truth, [True] * 20 + [False] * 180, probability))
    assert alone[0] == pytest.approx(0.01, rel=0.1)
    assert beside_rules[0] == pytest.approx(0.8, rel=0.1)


def test_the_shipped_rules_know_smoke_and_not_a_return() -> None:
    found = found_by_rules(["Toster się zapalił, poszedł dym", "Chcę zwrócić buty, za małe"], load_company())
    assert found.tolist() == [True, False]


def test_signs_are_different_kinds_not_words_of_one() -> None:
    texts = ["wtyczka ciepła i syczy, coś pachnie", "syczy, syczy i jeszcze raz syczy", "faktura na firmę"]
    assert signs_in(texts, load_company()).tolist() == [2, 1, 0]
