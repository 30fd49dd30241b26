"""A case that nobody touches grows more urgent as its term comes near, and nothing else of it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests import builders
from tests.fakes.clock import START, FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.memory import MemoryStore
from tests.fakes.models import FakeClassifier, FakeRecogniser, FakeRetriever
from triage.adapters.company import load_company
from triage.bootstrap.tools import load_law
from triage.casework.ageing import Ageing
from triage.domain.case import CaseState, TriageCase
from triage.domain.four_eyes import FirstApproval
from triage.domain.letter_date import WRITTEN_TODAY, redated
from triage.domain.priority import Urgency, UrgencyFactor, UrgencyLevel
from triage.domain.reply import Sentence
from triage.domain.ticket import Ticket
from triage.pipeline import Tools, on_another_day, run
from triage.stages.draft import Composer
from triage.stages.urgency import reweigh

COMPANY = load_company()
POLICY = COMPANY.urgency
HORIZON = timedelta(days=max(days for days, _ in POLICY.days_left))
CALM = Urgency(UrgencyLevel.P3, 20, (UrgencyFactor("category", 20, "C01"),))
DAY = date(2026, 12, 1)  # the reply of the built case is due


def stored(store: MemoryStore, case: TriageCase, ticket: Ticket) -> None:
    with store("default") as uow:
        uow.tickets.add_all([ticket])
        uow.cases.add_all([case])
        uow.commit()


def waiting(state: CaseState = CaseState.PENDING_APPROVAL, urgency: Urgency = CALM) -> TriageCase:
    return replace(builders.triaged(builders.ticket(), builders.received()), state=state, urgency=urgency)


def ageing(store: MemoryStore, clock: FakeClock) -> Ageing:
    def older(ticket: Ticket, case: TriageCase, today: date) -> TriageCase:
        return on_another_day(ticket, case, COMPANY, today)

    return Ageing(store, clock, lambda: ("default",), older, HORIZON)


def case_in(store: MemoryStore) -> TriageCase:
    with store("default") as uow:
        return uow.cases.get("T1")


@pytest.mark.parametrize(
    ("days_before", "points", "level"),
    [(8, 0, "P3"), (7, 15, "P3"), (3, 35, "P2"), (1, 50, "P2"), (0, 60, "P1"), (-5, 60, "P1")],
)
def test_the_days_left_weigh_as_the_domain_sheet_says(days_before: int, points: int, level: str) -> None:
    case = waiting()
    weighed = reweigh(CALM, case.deadlines, POLICY, DAY - timedelta(days=days_before))
    assert (weighed.score, weighed.level) == (20 + points, level)
    again = reweigh(weighed, case.deadlines, POLICY, DAY - timedelta(days=days_before))
    assert again == weighed  # weighed twice, the day counts once


def test_what_a_person_set_stays_in_force_and_the_computed_level_is_shown_beside_it() -> None:
    set_by_person = CALM.decided_as(UrgencyLevel.P4)
    weighed = reweigh(set_by_person, waiting().deadlines, POLICY, DAY)
    assert (weighed.level, weighed.computed) == (UrgencyLevel.P4, UrgencyLevel.P1)


def test_a_danger_stays_first_whatever_its_day() -> None:
    danger = replace(CALM, level=UrgencyLevel.P1, forced_by="SAFETY")
    assert reweigh(danger, waiting().deadlines, POLICY, START.date()).level is UrgencyLevel.P1


def test_a_waiting_case_rises_once_a_day_with_a_record_and_without_another_change(clock: FakeClock) -> None:
    store, before = MemoryStore(), waiting()
    stored(store, before, builders.ticket())
    first = FirstApproval("T1", "key:jan", before.version, before.draft.digest, (), START)  # type: ignore[union-attr]
    with store("default") as uow:
        uow.first_approvals.keep(first)
        uow.commit()
    clock.advance(days=(DAY - START.date()).days - 2)
    aged = ageing(store, clock)
    assert aged.once_a_day() == 1
    case = case_in(store)
    assert case.urgency is not None
    assert (case.urgency.level, case.version) == (UrgencyLevel.P2, before.version + 1)
    assert "2 d" in case.urgency.factors[0].evidence
    assert (case.draft, case.state, case.updated_at) == (before.draft, before.state, before.updated_at)
    assert store.rows.audit[-1].action == "urgency_changed"
    assert store.rows.audit[-1].detail["to"] == "P2"
    with store("default") as uow:
        kept = uow.first_approvals.of_case("T1")
    assert kept is not None
    assert kept.stands_for(case, START, timedelta(hours=24))  # the words are the same
    assert aged.once_a_day() == 0
    assert ageing(store, clock).once_a_day() == 0  # another process, the same day
    clock.advance(days=2)
    assert aged.once_a_day() == 1
    assert case_in(store).urgency.level is UrgencyLevel.P1  # type: ignore[union-attr]


def test_an_overdue_reply_is_named_in_the_findings_without_anybodys_doing(clock: FakeClock) -> None:
    store, ticket = MemoryStore(), builders.ticket()
    calm = waiting()
    stored(store, replace(calm, classification=replace(calm.classification, flags=())), ticket)  # type: ignore[type-var]
    clock.advance(days=30)
    ageing(store, clock).once_a_day()
    assert "REPLY_OVERDUE" in {one.code for one in case_in(store).findings}


@pytest.mark.parametrize("state", [CaseState.APPROVED, CaseState.SENDING, CaseState.DELIVERY_UNKNOWN])
def test_what_an_approval_binds_is_left_as_it_is(clock: FakeClock, state: CaseState) -> None:
    store = MemoryStore()
    stored(store, waiting(state), builders.ticket())
    clock.advance(days=30)
    assert ageing(store, clock).once_a_day() == 0


def test_an_acknowledged_complaint_rises_too_and_an_answered_one_does_not(clock: FakeClock) -> None:
    store = MemoryStore()
    acknowledged = replace(waiting(CaseState.SENT), replied_on=START.date())
    stored(store, acknowledged, builders.ticket())
    answered = replace(waiting(), ticket_id="T2", answering=True).replied(START.date())
    stored(store, replace(answered, state=CaseState.SENT), builders.ticket("T2"))
    clock.advance(days=(DAY - START.date()).days)
    assert ageing(store, clock).once_a_day() == 1
    assert case_in(store).urgency.level is UrgencyLevel.P1  # type: ignore[union-attr]


def dated(case: TriageCase, day: str = "17.11.2026") -> TriageCase:
    """The case with a letter that says when it was written, in front of what it says."""
    assert case.draft is not None
    line, opening = f"Warszawa, {day}", f"Warszawa, {day}\n\n"
    moved = (replace(one, start=one.start + len(opening), end=one.end + len(opening)) for one in case.draft.sentences)
    sentences = (Sentence(0, len(line), (WRITTEN_TODAY,)), *moved)
    return replace(case, draft=replace(case.draft, body=opening + case.draft.body, sentences=sentences))


def test_a_letter_that_waits_bears_the_date_of_the_day_and_its_sentences_keep_their_places(clock: FakeClock) -> None:
    store, before = MemoryStore(), replace(dated(waiting()), deadlines=())  # due or not
    stored(store, before, builders.ticket())
    clock.advance(days=20)
    assert ageing(store, clock).once_a_day() == 1
    old, new = before.draft, case_in(store).draft
    assert old is not None
    assert new is not None
    assert new.body == old.body.replace("Warszawa, 17.11.2026", "Warszawa, 7.12.2026")
    assert [new.body[one.start : one.end] for one in new.sentences] == [
        "Warszawa, 7.12.2026",
        *(old.body[one.start : one.end] for one in old.sentences[1:]),
    ]
    assert redated(new, date(2026, 11, 17)) == old


def test_an_english_letter_is_dated_in_english() -> None:
    case = dated(waiting(), "17 November 2026")
    assert case.draft is not None
    assert redated(replace(case.draft, language="en"), DAY).body.startswith("Warszawa, 1 December 2026\n")


def test_words_of_an_agent_and_words_that_somebody_approved_first_are_left_as_they_are(clock: FakeClock) -> None:
    store, read = MemoryStore(), dated(waiting())
    assert read.draft is not None
    stored(store, read, builders.ticket())
    edited = replace(read, ticket_id="T2", draft=replace(read.draft, sentences=()))
    stored(store, edited, builders.ticket("T2"))
    with store("default") as uow:
        uow.first_approvals.keep(FirstApproval("T1", "key:jan", read.version, read.draft.digest, (), START))
        uow.commit()
    clock.advance(days=20)
    assert ageing(store, clock).once_a_day() == 2  # both are overdue
    assert case_in(store).draft == read.draft
    with store("default") as uow:
        assert uow.cases.get("T2").draft == edited.draft


def test_the_composer_marks_the_line_that_is_dated() -> None:
    opened = builders.ticket()
    tools = Tools(
        COMPANY, load_law(), FakeRecogniser(), FakeClassifier(), FakeRetriever(), HashingEncoder(), Composer()
    )
    written = run(opened, builders.received(), tools, START).draft
    later = run(opened, builders.received(), tools, START + timedelta(days=1)).draft
    assert written is not None
    assert later is not None
    assert redated(written, START.date() + timedelta(days=1)).body == later.body


def test_more_cases_than_a_page_are_all_weighed(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.casework.ageing._PAGE", 2)
    store = MemoryStore()
    for number in range(5):
        stored(store, replace(waiting(), ticket_id=f"T{number}"), builders.ticket(f"T{number}"))
    clock.advance(days=(DAY - START.date()).days)
    assert ageing(store, clock).once_a_day() == 5
