"""No machine fills a field in alone without a promise that holds, and what a person set stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.memory import MemoryStore
from tests.fakes.models import FakeClassifier
from tests.unit.learning.desk import SmallDesk
from triage.domain.labels import Field, Level, SetBy, label_of
from triage.domain.learning import PromiseInForce
from triage.errors import PromiseNotHeld
from triage.learning.automation import Automation

HELD = PromiseInForce("linear@1", max_error=0.05, tagged_share=0.4, tagged_error=0.01, held=True)


def automation(promise: PromiseInForce | None) -> Automation:
    return Automation(MemoryStore(), FakeClock(), lambda: promise)


@pytest.mark.parametrize(
    ("field", "promise", "why"),
    [
        (Field.URGENCY, HELD, "No limit on errors is promised for urgency"),
        (Field.CATEGORY, None, "promises no limit"),
        (Field.TAGS, replace(HELD, held=False), "cannot keep its promise of at most 5.0% errors"),
    ],
)
def test_without_a_promise_that_holds_a_field_is_suggested_at_most(
    field: Field, promise: PromiseInForce | None, why: str
) -> None:
    levels = automation(promise)
    with pytest.raises(PromiseNotHeld, match=why):
        levels.set_level("default", field, Level.AUTO, actor="key:adm")
    assert {setting.level for setting in levels.settings("default")} == {Level.OFF}
    assert levels.set_level("default", field, Level.SUGGEST, actor="key:adm").level is Level.SUGGEST


@pytest.mark.parametrize("field", [Field.CATEGORY, Field.TAGS])
def test_with_one_it_is_filled_in(field: Field) -> None:
    levels = automation(HELD)
    levels.set_level("default", field, Level.AUTO, actor="key:adm")
    assert {one.field: one.level for one in levels.settings("default")}[field] is Level.AUTO


def test_what_a_person_set_is_not_filled_in_by_a_machine_however_sure() -> None:
    desk = SmallDesk()
    desk.set_level(Field.CATEGORY, Level.AUTO)
    desk.receive()
    desk.correct({Field.CATEGORY: ("C04",)})
    desk.classifier = FakeClassifier("C07", 0.99)
    label = label_of(desk.write("I jeszcze jedno: gdzie moja faktura?").labels, Field.CATEGORY)
    assert label is not None
    assert (label.value, label.set_by) == (("C04",), SetBy.PERSON)
