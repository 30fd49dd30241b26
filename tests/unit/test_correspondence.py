"""A reply that left is part of the conversation: the next triage, the history and an export read it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests import builders
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory import Job, MemoryStore
from tests.fakes.sender import FakeSender, Weather
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.reply import Approval, ApprovedReply, Delivery
from triage.domain.ticket import Author, Message, Ticket


class Bench:
    """A desk over memory with one triaged ticket, T1."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.store, self.sender = clock, MemoryStore(), FakeSender(at=clock.now())
        self.casework = Casework(self.store, clock, lambda ticket: False, self._triaged)
        self.desk = Desk(self.store, clock, lambda draft, case, ticket: ())
        self.casework.receive(builders.ticket())
        self.casework.triage("default", "T1")

    def _triaged(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        return builders.triaged(ticket, case, self.clock.now())

    @property
    def case(self) -> TriageCase:
        with self.store("default") as uow:
            return uow.cases.get("T1")

    @property
    def ticket(self) -> Ticket:
        with self.store("default") as uow:
            return uow.tickets.get("T1")

    @property
    def triages_waiting(self) -> int:
        return self.store.rows.jobs.count(Job("triage_ticket", "default", "T1"))

    def approve(self) -> Approval:
        assert self.case.draft is not None
        reading = Reading(self.case.version, self.case.draft.digest)
        approval = self.desk.approve("default", "T1", actor="key:jan", reading=reading)
        assert isinstance(approval, Approval)
        return approval

    def sent(self) -> Approval:
        approval = self.approve()
        assert self.desk.send("default", approval.id, self.sender) is not None
        return approval

    def add(self, message: Message) -> None:
        self.casework.add_message("default", "T1", message)


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    return Bench(clock)


def said(ticket: Ticket) -> list[tuple[Author, str]]:
    return [(message.author, message.id) for message in ticket.messages]


def of(author: Author, text: str, message_id: str, at: datetime = START) -> Message:
    return Message(message_id, author, at, text, body=text)


def test_a_sent_reply_is_a_message_of_the_desk_with_the_words_and_the_moment_of_its_delivery(bench: Bench) -> None:
    draft, waiting = bench.case.draft, bench.triages_waiting
    approval = bench.sent()
    assert said(bench.ticket) == [(Author.CUSTOMER, "m1"), (Author.AGENT, approval.id)]
    reply = bench.ticket.messages[-1]
    assert draft is not None
    assert (reply.text, reply.at) == (draft.body, bench.clock.now())
    assert (bench.case.state, bench.case.ticket_revision) == (CaseState.SENT, bench.ticket.revision)
    assert bench.triages_waiting == waiting
    bench.casework.triage("default", "T1")
    assert bench.case.state is CaseState.SENT  # the desk's own letter asks for no draft


def test_a_reply_that_a_helpdesk_tells_back_is_neither_a_second_message_nor_a_reason_to_triage(bench: Bench) -> None:
    bench.sent()
    before, waiting = bench.ticket, bench.triages_waiting
    told_back = " \n".join(before.messages[-1].body.split())
    bench.add(of(Author.AGENT, told_back, "helpdesk-77"))
    assert (bench.ticket, bench.triages_waiting, bench.case.state) == (before, waiting, CaseState.SENT)
    bench.add(of(Author.CUSTOMER, told_back, "m2"))  # the same words of a customer are a message
    bench.add(of(Author.AGENT, "Dzwoniliśmy do Pani dzisiaj.", "helpdesk-78"))  # so are others of the desk
    assert [one.id for one in bench.ticket.messages[2:]] == ["m2", "helpdesk-78"]


def test_a_message_that_came_while_the_reply_was_on_its_way_is_still_triaged(bench: Bench) -> None:
    class Slow(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            bench.add(of(Author.CUSTOMER, "Jednak chcę zwrotu.", "m2"))
            return super().send(reply)

    bench.sender, waiting = Slow(), bench.triages_waiting
    approval = bench.sent()
    assert {one.id for one in bench.ticket.messages} == {"m1", "m2", approval.id}
    assert bench.triages_waiting > waiting
    bench.casework.triage("default", "T1")
    assert (bench.case.state, bench.case.ticket_revision) == (CaseState.PENDING_APPROVAL, bench.ticket.revision)


@pytest.mark.parametrize("days", [-400, 400])
def test_a_moment_of_delivery_that_cannot_be_is_not_believed(bench: Bench, days: int) -> None:
    bench.sender.at += timedelta(days=days)
    bench.sent()
    assert bench.ticket.messages[-1].at == bench.clock.now()


@pytest.mark.parametrize("delivered", [True, False])
def test_a_reply_that_a_person_says_arrived_is_a_message_and_one_that_did_not_is_none(
    bench: Bench, delivered: bool
) -> None:
    bench.sender.weather = Weather.ANSWER_LOST
    approval = bench.approve()
    assert bench.desk.send("default", approval.id, bench.sender) is None
    assert bench.case.state is CaseState.DELIVERY_UNKNOWN
    assert len(bench.ticket.messages) == 1
    bench.desk.resolve("default", "T1", actor="key:jan", delivered=delivered)
    assert (approval.id in {one.id for one in bench.ticket.messages}) is delivered
