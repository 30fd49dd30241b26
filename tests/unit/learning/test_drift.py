"""Drift: a shift is told, chance is not, and people who could not see the suggestion judge."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.learning.desk import NOW, SmallDesk
from triage.domain.classification import AbstainReason
from triage.domain.learning import ModelRole, PromiseInForce, Reading
from triage.learning.drift import Drift, shift_of
from triage.learning.samples import Samples

PROMISE = PromiseInForce("m1", max_error=0.05, tagged_share=0.4, tagged_error=0.01, held=True)


def reading(n: int, day: float, code: str, *, product: str = "", unsure: bool = False) -> Reading:
    reason = AbstainReason.AMBIGUOUS if unsure else None
    at = NOW - timedelta(days=day)
    return Reading(f"T{n}", 1, "m1", ModelRole.SERVING, code, 0.9, 0.8, reason, "pl", product, at)


def drift_over(readings: list[Reading], desk: SmallDesk | None = None) -> Drift:
    desk = desk or SmallDesk()
    with desk.store("default") as uow:
        uow.predictions.add(readings)
        uow.commit()
    return Drift(desk.store, desk.clock, lambda: PROMISE)


def draws(n: int, weights: dict[str, float], day: Callable[[int], float], seed: int, first: int = 0) -> list[Reading]:
    source = random.Random(seed)
    codes = source.choices(list(weights), list(weights.values()), k=n)
    return [reading(first + k, day(k), code) for k, code in enumerate(codes)]


EVEN = {"C01": 0.4, "C04": 0.3, "C08": 0.2, "C05": 0.1}


def test_the_index_is_the_one_worked_out_by_hand() -> None:
    found = shift_of("x", ["a"] * 99 + ["b"] * 99, ["a"] * 149 + ["b"] * 49)
    # (149.5/199 - 99.5/199) ln(149.5/99.5) + (49.5/199 - 99.5/199) ln(49.5/99.5)
    assert found.psi == pytest.approx(0.25126 * 0.40715 + 0.25126 * 0.69818, abs=1e-4)
    assert found.shares[0] == ("a", 0.5, pytest.approx(149 / 198))
    assert found.drifted


def test_a_shift_of_topics_and_a_new_product_are_told_within_some_hundred_tickets() -> None:
    before = draws(300, EVEN, lambda k: 31 + k % 28, seed=1)
    now = draws(250, {**EVEN, "C17": 0.7}, lambda k: 1 + k % 28, seed=2, first=1000)
    new = [reading(5000 + k, 2, "C17", product="NetBox R3") for k in range(150)]
    assert set(drift_over([*before, *now, *new]).report("default").drifted) >= {"category", "product"}


def test_chance_alone_raises_no_alarm_in_twenty_months() -> None:
    alarms = []
    for seed in range(20):
        before = draws(200, EVEN, lambda k: 31 + k % 28, seed)
        now = draws(200, EVEN, lambda k: 1 + k % 28, seed + 100, first=1000)
        alarms += drift_over([*before, *now]).report("default").drifted
    assert alarms == []


def test_a_handful_of_tickets_proves_nothing() -> None:
    readings = [reading(n, 40, "C01") for n in range(10)] + [reading(100 + n, 3, "C17") for n in range(10)]
    report = drift_over(readings).report("default")
    assert report.readings == (10, 10)
    assert report.drifted == ()


def test_the_blind_sample_tells_whether_the_promise_is_kept() -> None:
    desk = SmallDesk()
    drift = drift_over([reading(n, 3, "C01", unsure=n >= 40) for n in range(60)], desk)
    samples = Samples(desk.store, desk.clock, desk.corrections.taxonomy)
    assert samples.draw("default", 100, days=10, actor="key:adm") == 60
    for n in range(60):
        samples.label("default", f"T{n}", "C04" if n < 10 or n >= 50 else "C01", actor="key:jan")
    report = drift.report("default")
    assert (report.blind_agreement.count, report.blind_agreement.n) == (40, 60)
    assert (report.blind_tagged_errors.count, report.blind_tagged_errors.n) == (10, 40)  # only what is tagged alone
    assert report.promise_broken
    assert report.agreement.n == 0
