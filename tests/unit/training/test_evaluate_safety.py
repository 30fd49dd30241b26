"""The danger table: chosen for recall on tickets the model had not seen, rules counted in."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluate_safety import Danger, choose_policy, found_by_rules, signs_in
from triage.adapters.company import load_company
from triage.domain.company import Danger as Policy

COMPANY = load_company()


def danger(
    truth: list[bool],
    by_rule: list[bool],
    probability: list[float],
    signs: list[int] | None = None,
    calming: list[int] | None = None,
) -> Danger:
    none = [0] * len(truth)
    arrays = map(np.array, (truth, by_rule, probability, signs or none, calming or none))
    return Danger(*arrays)


def policy(*least: float, calm: float = 1.0) -> Policy:
    return Policy("SAFETY", "C11", least, calm)


def chosen(seed: Danger) -> Policy:
    return choose_policy(seed, "SAFETY", "C11")


def test_what_a_rule_finds_needs_no_probability() -> None:
    found = danger([True, True, False, False], [True, False, False, True], [0.0, 0.3, 0.3, 0.0])
    assert (found.recall(policy(0.2)).count, found.recall(policy(0.2)).n) == (2, 2)
    assert (found.precision(policy(0.2)).count, found.precision(policy(0.2)).n) == (2, 4)
    assert found.recall(policy(0.31)).value == found.recall(None).value == 0.5


def test_signs_of_danger_lower_what_the_model_must_be_sure_of() -> None:
    found = danger([True, True, False], [False] * 3, [0.1, 0.1, 0.1], [0, 2, 0])
    assert found.recall(policy(0.5, 0.2, 0.05)).count == 1
    assert found.precision(policy(0.5, 0.2, 0.05)).value == 1.0
    assert found.recall(policy(0.5, 0.05)).count == 1  # the last one holds for any more signs


def test_signs_of_calm_raise_it_by_the_odds_and_what_a_rule_finds_stands() -> None:
    found = danger([True, True, True], [False, False, True], [0.49, 0.51, 0.0], calming=[1, 1, 2])
    assert found.recall(policy(0.25, calm=3.0)).count == 2  # odds of 1 to 3, three times as high: one half
    assert found.recall(policy(0.25)).count == 3


def test_the_policy_finds_enough_asks_for_less_with_every_sign_and_for_more_with_calm() -> None:
    draw = np.random.default_rng(7)
    truth = np.arange(600) % 3 == 0
    probability = np.clip(draw.normal(np.where(truth, 0.6, 0.2), 0.15), 0.001, 0.999)
    signs = draw.binomial(4, np.where(truth, 0.6, 0.1))
    calming = draw.binomial(2, np.where(truth, 0.05, 0.3))
    seed = Danger(truth, np.zeros(600, dtype=bool), probability, signs, calming)
    found = chosen(seed)
    assert len(found.least) == 4
    assert sorted(found.least, reverse=True) == list(found.least)
    assert found.calm > 1.0
    assert 0.97 <= seed.recall(found).value < 1.0
    assert seed.precision(found).value > seed.precision(policy(found.least[2])).value


def test_signs_that_dangers_show_more_often_do_not_calm() -> None:
    draw = np.random.default_rng(8)
    truth = np.arange(600) % 3 == 0
    probability = np.clip(draw.normal(np.where(truth, 0.6, 0.2), 0.15), 0.001, 0.999)
    calming = draw.binomial(2, np.where(truth, 0.3, 0.05))
    none = np.zeros(600, dtype=int)
    assert chosen(Danger(truth, none.astype(bool), probability, none, calming)).calm == 1.0


def test_what_rules_find_leaves_the_model_free_to_be_stricter() -> None:
    truth, probability = [True] * 100 + [False] * 100, [0.01] * 20 + [0.8] * 80 + [0.1] * 100
    alone = chosen(danger(truth, [False] * 200, probability))
    beside_rules = chosen(danger(truth, [True] * 20 + [False] * 180, probability))
    assert alone.least[0] == pytest.approx(0.01, rel=0.1)
    assert beside_rules.least[0] == pytest.approx(0.8, rel=0.1)


def test_the_shipped_rules_know_smoke_and_not_a_return() -> None:
    found = found_by_rules(["Toster się zapalił, poszedł dym", "Chcę zwrócić buty, za małe"], COMPANY)
    assert found.tolist() == [True, False]


def test_signs_are_different_kinds_not_words_of_one() -> None:
    texts = ["wtyczka ciepła i syczy, coś pachnie", "syczy, syczy i jeszcze raz syczy", "faktura na firmę"]
    assert signs_in(texts, COMPANY.danger_signs).tolist() == [2, 1, 0]
