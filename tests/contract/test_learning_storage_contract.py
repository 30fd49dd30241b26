"""The storage of learning from people, kept by the fake in memory and by PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import builders
from tests.fakes.clock import START
from triage.domain.classification import AbstainReason
from triage.domain.labels import Correction, Field, Label, Level, SetBy
from triage.domain.learning import AutomationSetting, ModelRole, Reading, Truth
from triage.errors import AlreadyDecided, NotFound
from triage.ports import UnitOfWorkFactory

HOUR = timedelta(hours=1)


def store(units_of_work: UnitOfWorkFactory, *ids: str, tenant: str = "default") -> None:
    with units_of_work(tenant) as uow:
        uow.tickets.add_all([builders.ticket(one, tenant=tenant) for one in ids])
        uow.cases.add_all([builders.received(one, tenant=tenant) for one in ids])
        uow.commit()


def correction(ticket_id: str, value: str, *, n: int = 1, field: Field = Field.CATEGORY) -> Correction:
    values = (value,) if value else ()
    at = START + n * HOUR
    return Correction(f"cor_{ticket_id}_{n}", "default", ticket_id, field, ("C01",), values, "key:jan", at, "m1", n, 1)


def reading(ticket_id: str, margin: float = 0.5, *, revision: int = 1, n: int = 0, **changes: object) -> Reading:
    whole = Reading(
        ticket_id, revision, "m1", ModelRole.SERVING, "C01", 0.7, margin, None, "pl", "AquaSpin W7", START + n * HOUR
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_decisions_come_back_whole_and_in_order(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, "T1", "T2")
    kept = [
        correction("T1", "C04"),
        replace(correction("T1", "vip", n=2, field=Field.TAGS), value=("vip", "b2b"), reason="prosiła o to"),
    ]
    with units_of_work("default") as uow:
        for one in (*kept, correction("T2", "C01")):
            uow.corrections.add(one)
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.corrections.of_ticket("T1") == tuple(kept)
    with units_of_work("another") as uow:
        assert uow.corrections.of_ticket("T1") == ()


def test_a_truth_is_the_newest_category_and_none_when_it_was_handed_back(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, "T1", "T2", "T3")
    with units_of_work("default") as uow:
        for one in (
            correction("T1", "C04", n=1), correction("T1", "C05", n=3),
            correction("T2", "C04", n=1), correction("T2", "", n=2),
            correction("T3", "P1", n=1, field=Field.URGENCY),
        ):  # fmt: skip
            uow.corrections.add(one)
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.corrections.truths(START) == (Truth("T1", "C05", "key:jan", START + 3 * HOUR),)
        assert uow.corrections.truths(START + 4 * HOUR) == ()


def test_a_level_is_set_anew_and_belongs_to_its_tenant(units_of_work: UnitOfWorkFactory) -> None:
    with units_of_work("default") as uow:
        uow.automation.put(AutomationSetting(Field.CATEGORY, Level.SUGGEST, "key:adm", START))
        uow.automation.put(AutomationSetting(Field.CATEGORY, Level.AUTO, "key:eva", START + HOUR))
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.automation.levels() == {Field.CATEGORY: Level.AUTO}
        [setting] = uow.automation.settings()
        assert (setting.changed_by, setting.changed_at) == ("key:eva", START + HOUR)
    with units_of_work("another") as uow:
        assert uow.automation.levels() == {}


def test_of_each_ticket_and_model_the_first_reading_counts(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, "T1", "T2")
    first, again = reading("T1"), reading("T1", revision=2, n=2, code="C05")
    shadow = reading("T1", n=1, model="m2", role=ModelRole.SHADOW, abstain_reason=AbstainReason.AMBIGUOUS)
    with units_of_work("default") as uow:
        uow.predictions.add([again, first, shadow, reading("T2", n=9)])
        uow.predictions.add([replace(first, code="C18")])  # said again: what was said first stays
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.predictions.between(START, START + 5 * HOUR) == (first, shadow)


def test_the_least_sure_stands_first_and_what_a_person_labelled_is_gone(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, "T1", "T2", "T3", "T4")
    with units_of_work("default") as uow:
        uow.predictions.add([reading("T1", 0.3), reading("T2", 0.1), reading("T3", 0.05), reading("T4", 0.01)])
        uow.predictions.add([reading("T4", 0.9, revision=2, n=1)])  # surer since the customer wrote again
        case = uow.cases.get("T3")
        label = Label(Field.CATEGORY, ("C01",), SetBy.PERSON, "key:jan", START, 1)
        uow.cases.save(replace(case, labels=(label,), version=2), expected_version=1)
        uow.commit()
    with units_of_work("default") as uow:
        assert [one.ticket_id for one in uow.predictions.most_informative(10)] == ["T2", "T1", "T4"]
        assert [one.ticket_id for one in uow.predictions.most_informative(1)] == ["T2"]


def test_a_sample_is_drawn_once_labelled_once_and_then_true(units_of_work: UnitOfWorkFactory) -> None:
    ids = [f"T{n}" for n in range(8)]
    store(units_of_work, *ids)
    with units_of_work("default") as uow:
        uow.predictions.add([reading(one, n=n) for n, one in enumerate(ids)])
        assert uow.blind_sample.draw(3, START + 2 * HOUR, actor="adm", at=START + 9 * HOUR) == 3
        assert uow.blind_sample.draw(10, START + 2 * HOUR, actor="adm", at=START + 10 * HOUR) == 3
        uow.commit()
    with units_of_work("default") as uow:
        drawn = uow.blind_sample.waiting(10)
        assert sorted(drawn) == ids[2:]
        uow.blind_sample.label(drawn[0], "C04", actor="key:jan", at=START + 11 * HOUR)
        with pytest.raises(AlreadyDecided):
            uow.blind_sample.label(drawn[0], "C05", actor="key:eva", at=START + 12 * HOUR)
        with pytest.raises(NotFound):
            uow.blind_sample.label("T0", "C05", actor="key:eva", at=START)
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.blind_sample.waiting(10) == drawn[1:]
        assert uow.blind_sample.truths(START) == (Truth(drawn[0], "C04", "key:jan", START + 11 * HOUR, blind=True),)


def test_a_draw_is_by_chance(units_of_work: UnitOfWorkFactory) -> None:
    ids = [f"T{n}" for n in range(40)]
    store(units_of_work, *ids)
    with units_of_work("default") as uow:
        uow.predictions.add([reading(one) for one in ids])
        uow.blind_sample.draw(20, START, actor="adm", at=START + HOUR)
        assert set(uow.blind_sample.waiting(40)) != set(sorted(ids)[:20])  # 1 in 10^11 that chance does this
