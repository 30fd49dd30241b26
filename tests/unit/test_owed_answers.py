"""An acknowledgement is no answer: the clock that waits for one runs on, and the case stays among what is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from tests import builders
from tests.fakes.clock import START, FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.memory import MemoryStore
from tests.fakes.models import FakeClassifier, FakeDrafter, FakeRecogniser, FakeRetriever
from tests.fakes.sender import FakeSender
from triage.adapters.company import load_company
from triage.approval import Desk, Reading
from triage.bootstrap.tools import load_law
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.classification import Prediction
from triage.domain.deadline import Deadline, Origin
from triage.domain.labels import Field, Label, SetBy
from triage.domain.redaction import RedactedText
from triage.domain.ticket import Author, Message, Ticket
from triage.pipeline import Tools, reconsider, run
from triage.ports import QueueFilter

COMPANY = load_company()
DECISIVE = frozenset(template.kind for template in COMPANY.templates if template.decision)
TOOLS = Tools(COMPANY, load_law(), FakeRecogniser(), FakeClassifier(), FakeRetriever(), HashingEncoder(), FakeDrafter())
DUE = date(2026, 12, 1)
REPLY = Deadline("UPK-7A-REPLY", START.date(), DUE, DUE, DUE, "art. 7a", "uznanie", Origin.STATUTE)
FIRST = replace(REPLY, rule="SLA-FRT-P3", legal_due=date(2026, 11, 18), safe_due=date(2026, 11, 18), any_reply=True)


class Bench:
    """A desk over memory with one triaged complaint, T1, two clocks running."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.store, self.sender = clock, MemoryStore(), FakeSender(at=START)
        self.casework = Casework(self.store, clock, lambda ticket: False, self._triaged)
        self.desk = Desk(self.store, clock, lambda draft, case, ticket: (), decisive=DECISIVE)
        self.casework.receive(builders.ticket())
        self.casework.triage("default", "T1")

    def _triaged(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        done = builders.triaged(ticket, case, self.clock.now())
        kept = replace(done, replied_on=case.replied_on, answered_on=case.answered_on)
        return kept.with_clocks((FIRST, REPLY))

    @property
    def case(self) -> TriageCase:
        with self.store("default") as uow:
            return uow.cases.get("T1")

    def send(self, kind: str = "ACK", answers: bool | None = None) -> TriageCase:
        with self.store("default") as uow:
            case = uow.cases.get("T1")
            assert case.draft is not None
            uow.cases.save(replace(case, draft=replace(case.draft, kind=kind)), expected_version=case.version)
            uow.commit()
        assert self.case.draft is not None
        read = Reading(self.case.version, self.case.draft.digest)
        approval = self.desk.approve("default", "T1", actor="key:jan", reading=read, answers=answers)
        assert self.desk.send("default", approval.id, self.sender)  # type: ignore[union-attr]
        assert self.case.state is CaseState.SENT
        return self.case

    @property
    def owed(self) -> list[str]:
        with self.store("default") as uow:
            return [case.ticket_id for case in uow.cases.queue(QueueFilter(owed=True), limit=9)]


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    return Bench(clock)


def met(case: TriageCase) -> dict[str, date | None]:
    return {one.rule: one.met_on for one in case.deadlines}


def test_after_an_acknowledgement_the_answer_is_still_owed_by_its_day(bench: Bench) -> None:
    assert bench.owed == ["T1"]
    sent = bench.send("ACK")
    assert met(sent) == {"SLA-FRT-P3": START.date(), "UPK-7A-REPLY": None}
    assert sent.next_deadline == REPLY
    assert (sent.replied_on, sent.answered_on) == (START.date(), None)
    assert bench.owed == ["T1"]


@pytest.mark.parametrize(("kind", "answers"), [("ACCEPT_REPAIR", None), ("REFUSE", None), ("ACK", True)])
def test_a_letter_that_decides_or_of_which_the_approver_says_so_stops_every_clock(
    bench: Bench, kind: str, answers: bool | None
) -> None:
    sent = bench.send(kind, answers)
    assert set(met(sent).values()) == {START.date()}
    assert (sent.next_deadline, sent.answered_on, bench.owed) == (None, START.date(), [])


def test_an_approver_can_say_that_a_letter_of_a_deciding_kind_is_no_answer(bench: Bench) -> None:
    bench.send("INTERIM", answers=False)
    assert bench.owed == ["T1"]


def test_a_rejected_draft_leaves_the_complaint_unanswered(bench: Bench) -> None:
    assert bench.case.draft is not None
    reading = Reading(bench.case.version, bench.case.draft.digest)
    bench.desk.reject("default", "T1", actor="key:jan", reading=reading, reason="zły ton")
    assert (bench.case.next_deadline, bench.owed) == (REPLY, ["T1"])


def test_what_was_answered_stays_so_when_the_customer_writes_again_and_the_case_is_in_the_queue(bench: Bench) -> None:
    bench.send("ACCEPT_REPAIR")
    bench.clock.advance(days=20)
    bench.casework.add_message(
        "default", "T1", Message("m2", Author.CUSTOMER, bench.clock.now(), "Dziękuję", "Dziękuję")
    )
    bench.casework.triage("default", "T1")
    assert set(met(bench.case).values()) == {START.date()}
    assert bench.owed == ["T1"]
    assert bench.case.next_deadline is not None  # an open case is never without a place in the queue


def test_a_clock_that_starts_after_the_answer_runs() -> None:
    later = replace(REPLY, started_on=date(2026, 12, 9))
    case = replace(builders.received(), replied_on=START.date(), answered_on=START.date())
    assert case.with_clocks((REPLY, later)).deadlines == (replace(REPLY, met_on=START.date()), later)


def test_a_case_sent_before_letters_were_told_apart_owes_nothing() -> None:
    assert replace(builders.triaged(builders.ticket(), builders.received()), state=CaseState.SENT).next_deadline is None


def test_the_shipped_rules_let_any_letter_keep_first_responses_and_confirmations_only() -> None:
    rules = load_law().rules.rules
    kept = {rule_id for rule_id, versions in rules.items() if any(rule.any_reply for rule in versions)}
    assert kept == {"UPK-30-ACK", "SLA-FRT-P1", "SLA-FRT-P2", "SLA-FRT-P3", "SLA-FRT-P4"}


COMPLAINT = Message("m1", Author.CUSTOMER, START, "Ekspres nie grzeje.", "Ekspres nie grzeje.")
QUESTION = Message("m2", Author.CUSTOMER, START, "Kiedy będzie decyzja?", "Kiedy będzie decyzja?")
TICKET = Ticket("T1", "Reklamacja", (COMPLAINT,), START)


class ByWords(FakeClassifier):
    """Whoever asks when has a question about the status; everything else is a complaint."""

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        return [FakeClassifier("C08" if "Kiedy" in text else "C01").predict([text])[0] for text in texts]


LISTENING = replace(TOOLS, classifier=ByWords())


def asked_how_things_stand(answered_on: date | None = None) -> TriageCase:
    first = run(TICKET, builders.received(), LISTENING, START)
    assert "UPK-7A-REPLY" in {one.rule for one in first.deadlines}
    first = replace(first, replied_on=answered_on, answered_on=answered_on).with_clocks(first.deadlines)
    return run(TICKET.with_message(QUESTION), first, LISTENING, START)


def running(case: TriageCase) -> set[str]:
    return {one.rule for one in case.deadlines if one.met_on is None}


def test_a_question_about_the_status_does_not_stop_the_clock_of_the_complaint_before_it() -> None:
    asked = asked_how_things_stand()
    assert asked.classification is not None
    assert asked.classification.code == "C08"
    assert {"UPK-7A-REPLY", "SLA-FRT-P4"} <= running(asked)


def test_an_answered_complaint_starts_no_clock_again_with_a_question_about_the_status() -> None:
    assert "UPK-7A-REPLY" not in running(asked_how_things_stand(START.date()))


def test_a_category_that_a_person_sets_decides_which_clocks_run_and_a_tag_does_not_stop_them() -> None:
    asked, ticket = asked_how_things_stand(), TICKET.with_message(QUESTION)
    tagged = Label(Field.TAGS, ("vip",), SetBy.PERSON, "key:jan", START, 2)
    assert "UPK-7A-REPLY" in running(reconsider(ticket, replace(asked, labels=(tagged,)), LISTENING, START))
    praise = Label(Field.CATEGORY, ("C18",), SetBy.PERSON, "key:jan", START, 2)
    assert "UPK-7A-REPLY" not in running(reconsider(ticket, replace(asked, labels=(praise,)), LISTENING, START))


def test_the_same_message_triaged_again_starts_its_own_clocks_only() -> None:
    first = run(TICKET, builders.received(), LISTENING, START)
    praise = replace(LISTENING, classifier=FakeClassifier("C18"))
    assert "UPK-7A-REPLY" not in running(run(TICKET, first, praise, START))


def test_an_answer_given_in_time_is_neither_overdue_nor_urgent_when_the_customer_writes_after_the_term() -> None:
    clock = FakeClock()
    clock.advance(days=30)
    unanswered = run(TICKET, builders.received(), TOOLS, clock.now())
    answered = run(TICKET, replace(builders.received(), replied_on=DUE, answered_on=DUE), TOOLS, clock.now())
    assert unanswered.urgency
    assert answered.urgency
    assert {one.name for one in unanswered.urgency.factors} - {one.name for one in answered.urgency.factors} == {
        "deadline"
    }
    assert "REPLY_OVERDUE" in {one.code for one in unanswered.findings}
    assert "REPLY_OVERDUE" not in {one.code for one in answered.findings}
    assert answered.draft is not None
    assert any("UPK-7A-REPLY" in line.text for line in (unanswered.summary or ()).lines)  # type: ignore[union-attr]
    assert not any("UPK-7A-REPLY" in line.text for line in (answered.summary or ()).lines)  # type: ignore[union-attr]
