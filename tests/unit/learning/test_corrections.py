"""A person's word over the machine's: what it changes at once, and what never changes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.models import FakeClassifier
from tests.unit.learning.desk import NOW, SmallDesk
from triage.approval import Desk, Reading
from triage.domain.automation import filled_in
from triage.domain.case import CaseState
from triage.domain.classification import AbstainReason
from triage.domain.labels import Field, Level, SetBy
from triage.domain.priority import UrgencyLevel
from triage.domain.reply import Approval
from triage.errors import IllegalTransition, InvalidLabel, StaleVersion


def rules(desk: SmallDesk) -> set[str]:
    return {deadline.rule for deadline in desk.case().deadlines}


def test_another_category_starts_its_own_clocks_at_once() -> None:
    desk = SmallDesk()
    desk.receive()
    assert "UPK-7A-REPLY" in rules(desk)
    corrected = desk.correct({Field.CATEGORY: ("C04",)})
    assert corrected.state is CaseState.RECEIVED
    assert "UPK-32-REFUND" in rules(desk)
    assert "UPK-7A-REPLY" not in rules(desk)
    assert corrected.rights is not None
    assert corrected.rights.regime == "withdrawal"
    assert desk.store.rows.jobs[-1].task == "triage_ticket"


def test_words_a_person_wrote_stay_and_are_checked_against_the_new_category() -> None:
    desk = SmallDesk()
    case = desk.receive()
    assert case.draft is not None
    own = replace(case, draft=replace(case.draft, composer="agent:key:jan"))
    desk.store.rows.cases["default", "T1"] = own
    jobs = len(desk.store.rows.jobs)
    corrected = desk.correct({Field.CATEGORY: ("C04",)})
    assert corrected.draft == own.draft
    assert corrected.state is CaseState.PENDING_APPROVAL
    assert len(desk.store.rows.jobs) == jobs


def test_triage_of_a_newer_message_keeps_the_category_and_shows_the_new_suggestion() -> None:
    desk = SmallDesk()
    desk.receive()
    desk.correct({Field.CATEGORY: ("C04",)})
    desk.classifier = FakeClassifier("C07", 0.8)
    case = desk.write("I jeszcze jedno: gdzie moja faktura?")
    assert case.classification is not None
    assert (case.classification.code, case.classification.suggestion.code) == ("C04", "C07")


def test_a_danger_in_a_newer_message_overrules_an_urgency_set_before_it() -> None:
    desk = SmallDesk()
    desk.receive()
    lowered = desk.correct({Field.URGENCY: ("P4",)}, reason="klient czeka na część, nic nie pilnego")
    assert lowered.urgency is not None
    assert lowered.urgency.level is UrgencyLevel.P4
    calm = desk.write("Dziękuję, poczekam.")
    assert calm.urgency is not None
    assert calm.urgency.level is UrgencyLevel.P4
    burning = desk.write("Ekspres zaczął dymić i poraził mnie prąd!")
    assert burning.urgency is not None
    assert burning.urgency.forced_by == "SAFETY"
    assert burning.urgency.level is UrgencyLevel.P1


def test_confirming_the_suggestion_is_kept_as_agreement() -> None:
    desk = SmallDesk()
    desk.receive()
    desk.correct({Field.CATEGORY: ("C01",)})
    with desk.store("default") as uow:
        [kept] = uow.corrections.of_ticket("T1")
    assert kept.agrees
    assert desk.case().labels[0].set_by is SetBy.PERSON


def test_setting_the_same_again_changes_nothing() -> None:
    desk = SmallDesk()
    desk.receive()
    first = desk.correct({Field.TAGS: ("vip",)})
    assert desk.correct({Field.TAGS: ("vip",)}) == first


def test_a_new_category_takes_the_old_ones_subcategory_with_it() -> None:
    desk = SmallDesk()
    desk.receive()
    desk.correct({Field.CATEGORY: ("C01",), Field.SUBCATEGORY: ("dead_on_arrival",)})
    assert desk.case().classification.subcategory == "dead_on_arrival"  # type: ignore[union-attr]
    desk.correct({Field.CATEGORY: ("C04",)})
    assert desk.case().decided(Field.SUBCATEGORY) is None
    assert desk.case().classification.subcategory == ""  # type: ignore[union-attr]


def test_the_machine_fills_in_alone_only_what_it_is_sure_of() -> None:
    desk = SmallDesk()
    for field in Field:
        desk.set_level(field, Level.AUTO)
    sure = desk.receive("T1")
    assert {label.field for label in sure.labels} == {Field.CATEGORY, Field.TAGS}
    assert {label.field for label in sure.proposals} == {Field.URGENCY}
    desk.classifier.abstain_reason = AbstainReason.AMBIGUOUS
    unsure = desk.receive("T2")
    assert unsure.labels == ()
    assert {label.field for label in unsure.proposals} == {Field.CATEGORY, Field.TAGS, Field.URGENCY}


def test_tags_follow_from_a_category_a_person_set() -> None:
    desk = SmallDesk()
    desk.classifier.abstain_reason = AbstainReason.AMBIGUOUS
    desk.set_level(Field.TAGS, Level.AUTO)
    desk.receive()
    desk.correct({Field.CATEGORY: ("C04",)})
    case = desk.triage()
    assert {label.field: label.value for label in case.labels}[Field.TAGS] == ("withdrawal",)


def test_filling_in_again_drops_what_the_machine_filled_in_before() -> None:
    desk = SmallDesk()
    desk.set_level(Field.CATEGORY, Level.AUTO)
    case = desk.receive()
    assert filled_in(case, {}, NOW).labels == ()


def test_a_further_category_starts_its_clocks_beside_those_of_the_first() -> None:
    desk = SmallDesk()
    desk.receive()
    before = rules(desk)
    desk.correct({Field.SECONDARY: ("C04",)})
    assert before < rules(desk)
    assert "UPK-32-REFUND" in rules(desk)
    again = desk.triage()
    assert again.classification is not None
    assert again.classification.secondary == ("C04",)
    assert again.classification.tags == ("nonconformity", "withdrawal")
    with pytest.raises(InvalidLabel, match="no category 'C99'"):
        desk.correct({Field.SECONDARY: ("C99",)})
    desk.correct({Field.SECONDARY: None})
    assert desk.case().classification.secondary == ()  # type: ignore[union-attr]


def approved(desk: SmallDesk) -> Approval:
    """T1 triaged, and its draft approved."""
    case = desk.receive()
    assert case.draft is not None
    door = Desk(desk.store, desk.clock, lambda draft, case, ticket: ())
    reading = Reading(case.version, case.draft.digest)
    approval = door.approve("default", "T1", actor="key:jan", reading=reading)
    assert isinstance(approval, Approval)
    return approval


def test_whoever_corrects_a_case_must_have_read_its_newest_version() -> None:
    desk = SmallDesk()
    before = desk.receive()
    with pytest.raises(StaleVersion):
        desk.corrections.correct(
            "default", "T1", actor="key:jan", version_read=before.version - 1, changes={Field.CATEGORY: ("C04",)}
        )
    assert desk.case() == before


def test_another_category_voids_an_approval_and_another_urgency_waits_for_its_reply() -> None:
    desk = SmallDesk()
    approval = approved(desk)
    with pytest.raises(IllegalTransition, match="on its way"):
        desk.correct({Field.URGENCY: ("P1",)}, reason="pilne")
    with desk.store("default") as uow:
        assert uow.approvals.get(approval.id).state == "granted"
    desk.correct({Field.CATEGORY: ("C04",)})
    with desk.store("default") as uow:
        assert uow.approvals.get(approval.id).state == "void"


def test_another_urgency_than_the_computed_one_needs_a_reason() -> None:
    desk = SmallDesk()
    before = desk.receive()
    assert before.urgency is not None
    other = "P1" if before.urgency.suggestion is not UrgencyLevel.P1 else "P4"
    for reason in ("", "  "):
        with pytest.raises(InvalidLabel, match="give a reason"):
            desk.correct({Field.URGENCY: (other,)}, reason=reason)
    assert desk.case() == before
    assert desk.correct({Field.URGENCY: (before.urgency.suggestion.value,)}).version == before.version + 1


def test_nothing_is_corrected_while_a_reply_is_being_sent() -> None:
    desk = SmallDesk()
    desk.receive()
    desk.store.rows.cases["default", "T1"] = replace(desk.case(), state=CaseState.SENDING)
    for field, value in ((Field.CATEGORY, "C04"), (Field.TAGS, "pilne")):
        with pytest.raises(IllegalTransition, match="on its way"):
            desk.correct({field: (value,)})
