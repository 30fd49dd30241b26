"""Calibration, prediction sets and the tagging threshold, against independent answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import binom

from triage.adapters.models.linear.calibration import LINKS, Calibration, Link, expected_calibration_error
from triage.adapters.models.linear.grouping import near_copy_groups, spread_over_folds
from triage.adapters.models.linear.promise import NEVER, error_bound, set_threshold, tagging_threshold
from triage.adapters.models.linear.representation import standing_for
from triage.adapters.models.linear.twins import Verdicts


@pytest.mark.parametrize("link", LINKS)
def test_calibration_finds_the_link_and_the_scale_the_outcomes_were_drawn_from(link: Link) -> None:
    rng = np.random.default_rng(0)
    margins = rng.normal(size=(6000, 4)).astype(np.float32)
    drawn_from = Calibration(3.0, 0.4, link).probabilities(margins)
    truth = np.array([rng.choice(4, p=row) for row in drawn_from])
    found = Calibration.fit(margins, truth)
    assert found.link == link
    fitted = found.probabilities(margins)
    assert float(np.abs(fitted - drawn_from).mean()) < 0.01
    correct = fitted.argmax(axis=1) == truth
    assert expected_calibration_error(fitted.max(axis=1), correct) < 0.03


def test_probabilities_of_hand_worked_margins() -> None:
    margins = np.array([[0.5, 0.0]], dtype=np.float32)
    # Platt: σ(1) and σ(0), each to the power of two. Gumbel: exp(-2e⁻¹) and exp(-2). Power: log(1 + e³), log(1 + e²).
    platt, gumbel = (1 / (1 + np.exp(-1))) ** 2, np.exp(-2 * np.exp(-1))
    power = np.log(1 + np.exp(np.array([3.0, 2.0]))) ** 2
    expected = {"logistic": platt / (platt + 0.25), "gumbel": gumbel / (gumbel + np.exp(-2))}
    expected["power"] = power[0] / power.sum()
    for link in LINKS:
        assert Calibration(2.0, 0.5, link).probabilities(margins)[0, 0] == pytest.approx(expected[link])


@pytest.mark.parametrize("link", LINKS)
def test_a_unit_of_margin_is_worth_the_slope_of_the_log_probability(link: Link) -> None:
    calibration, step = Calibration(3.0, 0.4, link), 1e-3
    # The other category's margin stays, so the log-odds move as the log-probability does.
    odds = [np.log(p[0] / p[1]) for p in calibration.probabilities(np.array([[-step, 0.0], [step, 0.0]], np.float32))]
    assert (odds[1] - odds[0]) / (2 * step) == pytest.approx(calibration.log_odds_per_margin, rel=1e-3)


@pytest.mark.parametrize("link", LINKS)
def test_margins_far_out_give_probabilities_all_the_same(link: Link) -> None:
    probability = Calibration(20.0, 0.05, link).probabilities(np.array([[-90.0, 90.0], [-90.0, -90.0]], np.float32))
    np.testing.assert_allclose(probability, [[0.0, 1.0], [0.5, 0.5]])


def test_calibration_error_of_a_hand_worked_case() -> None:
    # 0.95 with one of two right: gap 0.45; 0.55 with two of two right: gap 0.45; both bins weigh a half.
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    assert expected_calibration_error(confidence, np.array([True, False, True, True])) == pytest.approx(0.45)


def test_the_error_bound_is_the_exact_binomial_one() -> None:
    bound = error_bound(3, 200, risk=0.1)
    assert binom.cdf(3, 200, bound) == pytest.approx(0.1, abs=1e-9)
    assert error_bound(5, 5) == 1.0


def test_prediction_sets_hold_the_true_category_as_often_as_promised() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(200):
        probability = rng.beta(3, 1, size=400)
        threshold = set_threshold(probability[:200], 0.9)
        covered.append((probability[200:] >= threshold).mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)


def test_a_coverage_beyond_the_data_puts_every_category_in_the_set() -> None:
    assert set_threshold(np.array([0.5, 0.9]), 0.9) == 0.0


def test_the_promised_error_is_broken_seldom_enough() -> None:
    rng = np.random.default_rng(2)
    broken = 0
    for _ in range(300):
        confidence = rng.uniform(0.5, 1.0, size=600)
        threshold = tagging_threshold(confidence, rng.random(600) < confidence, 0.05)
        # Above the threshold t the confidence is uniform on [t, 1], so the true error is (1 - t) / 2.
        broken += threshold != NEVER and (1 - threshold) / 2 > 0.05
    assert broken / 300 <= 0.1 + 0.04  # the stated risk and two standard deviations


def test_nothing_is_tagged_when_nothing_can_be_promised() -> None:
    assert tagging_threshold(np.full(30, 0.99), np.full(30, True), 0.05) == NEVER  # 30 right answers prove 7.4 % only
    assert tagging_threshold(np.full(500, 0.9), np.arange(500) % 5 > 0, 0.05) == NEVER
    assert tagging_threshold(np.empty(0), np.empty(0, dtype=bool), 0.05) == NEVER


def test_everything_is_tagged_when_nothing_is_ever_wrong() -> None:
    confidence = np.linspace(0.2, 1.0, 100)
    assert tagging_threshold(confidence, np.full(100, True), 0.05) == pytest.approx(0.2, abs=0.05)


def test_one_wrong_label_among_the_surest_does_not_send_everything_to_a_person() -> None:
    confidence, correct = np.linspace(1.0, 0.2, 400), np.full(400, True)
    correct[5] = False
    # One error among the 59 surest proves no 5 %; one among 160 does (Clopper-Pearson 2.9 %), and one among all.
    assert tagging_threshold(confidence, correct, 0.05) == pytest.approx(0.2, abs=0.05)


def test_a_weight_counts_like_as_many_tickets() -> None:
    rng = np.random.default_rng(3)
    margins = rng.normal(size=(400, 3)).astype(np.float32)
    truth = np.array([rng.choice(3, p=row) for row in Calibration(3.0, 0.4).probabilities(margins)])
    twice = np.where(np.arange(400) < 100, 2.0, 1.0)
    weighed, copied = (
        Calibration.fit(margins, truth, twice),
        Calibration.fit(np.vstack([margins[:100], margins]), np.append(truth[:100], truth)),
    )
    np.testing.assert_allclose(weighed.probabilities(margins), copied.probabilities(margins), atol=0.005)
    confidence, correct = margins.max(axis=1).astype(float), truth == margins.argmax(axis=1)
    same = tagging_threshold(confidence, correct, 0.4)
    assert tagging_threshold(confidence, correct, 0.4, np.full(400, 7.0)) == same
    # Errors that stand for more send more tickets to a person.
    assert tagging_threshold(confidence, correct, 0.4, np.where(correct, 1.0, 2.0)) > same


def test_an_easy_part_stands_for_all_tickets_when_weighed() -> None:
    rng = np.random.default_rng(4)
    n, hard = 6000, rng.random(6000) < 0.4
    right = rng.random(n) < np.where(hard, 0.6, 0.95)
    margins = np.zeros((n, 3), dtype=np.float32)
    margins[:, 0] = np.where(hard, 0.2, 0.8) + 0.1 * rng.random(n).astype(np.float32)
    said = Verdicts(np.arange(n), margins, np.zeros(n, dtype=np.float32))
    some = np.flatnonzero(rng.random(n) < np.where(hard, 0.06, 0.12))  # hard ones half as often
    weight = standing_for(said, some.tolist(), np.where(right, 0, 1))
    assert right[some].mean() > right.mean() + 0.02
    assert float(np.average(right[some], weights=weight)) == pytest.approx(right.mean(), abs=0.005)
    assert float(np.average(hard[some], weights=weight)) == pytest.approx(hard.mean(), abs=0.02)
    assert weight.mean() == pytest.approx(1.0)


def test_near_copies_share_a_group_through_a_chain() -> None:
    angles = np.deg2rad([0, 20, 40, 120])  # 20° apart: near-copies (cosine 0.94); 40° apart: none (0.77)
    rows = np.zeros((4, 1000), dtype=np.float32)
    rows[:, :500], rows[:, 500:] = np.cos(angles)[:, None], np.sin(angles)[:, None]
    groups = near_copy_groups(sparse.csr_matrix(rows / np.sqrt(500)), 0.9)
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_zero_vectors_are_copies_of_nothing() -> None:
    assert len(set(near_copy_groups(sparse.csr_matrix(np.zeros((3, 2), dtype=np.float32))).tolist())) == 3


def test_a_group_lies_in_one_fold_and_categories_are_spread() -> None:
    truth = np.repeat([0, 1], 50)
    groups = np.arange(100) // 2
    folds = spread_over_folds(truth, groups, 5, seed=0)
    assert all(len(set(folds[groups == group])) == 1 for group in range(50))
    for label in (0, 1):
        assert np.bincount(folds[truth == label], minlength=5).tolist() == [10] * 5
