"""Any order of things that may happen to tickets: stale readers, two actors at once, workers that die in between.

The oracle is the sender's ledger and what the model itself remembers, never the product's own state alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.memory import MemoryStore
from tests.fakes.sender import FakeSender, Weather
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.reply import Approval, ApprovedReply, Delivery
from triage.domain.ticket import Author, Ticket
from triage.errors import ApprovalRefused, Conflict
from triage.people import EmergencyStop
from triage.ports import UnitOfWorkFactory

TICKETS = [f"T{number}" for number in range(2)]
UNSENT = {CaseState.RECEIVED, CaseState.PENDING_APPROVAL, CaseState.NEEDS_ATTENTION, CaseState.APPROVED}


class WorkerDied(BaseException):
    """The process is gone; nothing above may catch it."""


@dataclass
class MortalSender:
    """A sender whose process may die just before or just after the bytes left."""

    inner: FakeSender
    dies: str = ""
    way: str = "fake"

    def send(self, reply: ApprovedReply) -> Delivery:
        if self.dies == "before":
            raise WorkerDied
        delivery = self.inner.send(reply)
        if self.dies == "after":
            raise WorkerDied
        return delivery

    def find_delivery(self, approval_id: str) -> Delivery | None:
        return self.inner.find_delivery(approval_id)


@dataclass(frozen=True)
class Memory:
    """What somebody read, to act on later."""

    ticket: str
    reading: Reading
    revision: int
    body: str


@dataclass
class World:
    """The oracle's own notes."""

    messages: dict[str, list[str]] = field(default_factory=dict)
    approved: dict[str, tuple[Approval, str]] = field(default_factory=dict)  # by id, with the body that was read
    versions: dict[str, int] = field(default_factory=dict)
    steps: int = 0


class Desks(RuleBasedStateMachine):
    """Rules are people, customers and workers; invariants are I1 to I6 of the reliability model."""

    readings = Bundle("readings")
    half_done = Bundle("half_done")
    approvals = Bundle("approvals")
    total_steps = 0
    seen: ClassVar[Counter[CaseState]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.ledger = FakeSender()
        self.units_of_work: UnitOfWorkFactory = self.storage()
        self.world = World()
        self.number = 0
        triaged = partial(self._triaged)
        self.casework = Casework(self.units_of_work, self.clock, lambda ticket: "dymi" in ticket.subject, triaged)
        self.desk = Desk(self.units_of_work, self.clock, lambda draft, case, ticket: ())
        self.stop = EmergencyStop(self.units_of_work, self.clock)
        self.is_stopped = False

    def storage(self) -> UnitOfWorkFactory:
        return MemoryStore()

    def _triaged(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        return builders.triaged(ticket, case, self.clock.now())

    def waits_are_over(self) -> None:
        """The database's clock goes on until every reply that was put off is due."""
        assert isinstance(self.units_of_work, MemoryStore)
        self.units_of_work.waits_are_over()

    def _known(self, ticket: str) -> bool:
        return ticket in self.world.messages

    def _case(self, ticket: str) -> TriageCase:
        with self.units_of_work("default") as uow:
            return uow.cases.get(ticket)

    # customers

    @rule(ticket=st.sampled_from(TICKETS))
    def a_ticket_is_delivered(self, ticket: str) -> None:
        new = self.casework.receive(builders.ticket(ticket))
        assert new is not self._known(ticket)
        self.world.messages.setdefault(ticket, ["m1"])

    @rule(ticket=st.sampled_from(TICKETS), again=st.booleans())
    def a_message_is_delivered(self, ticket: str, again: bool) -> None:
        if not self._known(ticket):
            return
        known = self.world.messages[ticket]
        if not again:
            self.number += 1
            known.append(f"x{self.number}")
        self.casework.add_message("default", ticket, builders.message(known[-1], "Ponaglam."))

    # workers

    @rule(ticket=st.sampled_from(TICKETS))
    def a_worker_triages(self, ticket: str) -> None:
        if self._known(ticket):
            self.casework.triage("default", ticket)

    @rule(ticket=st.sampled_from(TICKETS))
    def a_worker_gives_a_ticket_up(self, ticket: str) -> None:
        if self._known(ticket):
            self.casework.give_up("default", ticket, "TimeoutError")

    @rule(target=half_done, ticket=st.sampled_from(TICKETS))
    def a_worker_reads_and_is_paused(self, ticket: str) -> object:
        if not self._known(ticket):
            return multiple()
        with self.units_of_work("default") as uow:
            return uow.tickets.get(ticket), uow.cases.get(ticket)

    @rule(work=consumes(half_done))
    def a_paused_worker_wakes_and_writes(self, work: tuple[Ticket, TriageCase]) -> None:
        """Its lease is long gone; whatever happened meanwhile, it must not overwrite it."""
        ticket, case = work
        before = self._case(ticket.id)
        late = Casework(Remembering(self.units_of_work, ticket, case), self.clock, lambda ticket: False, self._triaged)
        if late.triage("default", ticket.id) is None or before.version != case.version:
            assert self._case(ticket.id) == before

    @rule(
        approval=approvals,
        weather=st.sampled_from([Weather.FAIR, *Weather]),
        dies=st.sampled_from(["", "", "", "before", "after"]),
    )
    def a_worker_sends(self, approval: str, weather: Weather, dies: str) -> None:
        self.ledger.weather = weather
        sender, before = MortalSender(self.ledger, dies), len(self.ledger.ledger)
        try:
            if self.desk.send("default", approval, sender) is None:
                self.desk.reconcile("default", approval, sender)
        except WorkerDied:
            pass
        assert not self.is_stopped or len(self.ledger.ledger) == before

    @rule()
    def replies_that_were_put_off_come_due(self) -> None:
        self.waits_are_over()

    @rule(read=readings)
    def somebody_takes_an_approval_back(self, read: Memory) -> None:
        fresh = self._case(read.ticket)
        try:
            self.desk.withdraw("default", read.ticket, actor="key:ewa", reading=read.reading)
        except Conflict:
            return
        assert (fresh.version, fresh.state) == (read.reading.case_version, CaseState.APPROVED)

    @rule(approval=approvals)
    def a_worker_gives_a_reply_up(self, approval: str) -> None:
        self.desk.give_up("default", approval, "TimeoutError")

    # people

    @rule(target=readings, ticket=st.sampled_from(TICKETS))
    def somebody_reads(self, ticket: str) -> object:
        if not self._known(ticket):
            return multiple()
        case = self._case(ticket)
        if case.draft is None:
            return multiple()
        reading = Reading(case.version, case.draft.digest)
        return Memory(ticket, reading, len(self.world.messages[ticket]), case.draft.body)

    @rule(target=approvals, read=readings, other_draft=st.booleans())
    def somebody_approves(self, read: Memory, other_draft: bool) -> object:
        """From a reading that may be old; with a digest that may be of other words."""
        reading = replace(read.reading, draft_digest="0" * 64) if other_draft else read.reading
        fresh = self._case(read.ticket).version == read.reading.case_version
        try:
            approval = self.desk.approve("default", read.ticket, actor="key:jan", reading=reading)
        except (Conflict, ApprovalRefused):
            return multiple()
        assert fresh
        assert not other_draft
        assert read.revision == len(self.world.messages[read.ticket])
        self.world.approved[approval.id] = approval, read.body
        return approval.id

    @rule(target=approvals, ticket=st.sampled_from(TICKETS))
    def somebody_triages_reads_and_approves_at_once(self, ticket: str) -> object:
        """The usual way, in one step, so that walks get far."""
        self.a_ticket_is_delivered(ticket)
        self.casework.triage("default", ticket)
        case = self._case(ticket)
        if case.state is not CaseState.PENDING_APPROVAL or case.draft is None:
            return multiple()
        reading = Reading(case.version, case.draft.digest)
        approval = self.desk.approve("default", ticket, actor="key:jan", reading=reading)
        self.world.approved[approval.id] = approval, case.draft.body
        return approval.id

    @rule(read=readings)
    def somebody_edits(self, read: Memory) -> None:
        self.number += 1
        fresh = self._case(read.ticket).version == read.reading.case_version
        body = f"Inaczej {self.number}."
        try:
            self.desk.edit("default", read.ticket, actor="key:ewa", reading=read.reading, body=body)
        except (Conflict, ApprovalRefused):
            return
        assert fresh

    @rule(read=readings)
    def somebody_rejects(self, read: Memory) -> None:
        try:
            self.desk.reject("default", read.ticket, actor="key:ewa", reading=read.reading, reason="błędna kwota")
        except Conflict:
            return

    @rule(ticket=st.sampled_from(TICKETS), delivered=st.booleans())
    def somebody_resolves_an_unknown_delivery(self, ticket: str, delivered: bool) -> None:
        if self._known(ticket):
            try:
                self.desk.resolve("default", ticket, actor="key:ewa", delivered=delivered)
            except Conflict:
                assert self._case(ticket).state is not CaseState.DELIVERY_UNKNOWN

    @rule(read=readings)
    def somebody_has_it_triaged_again(self, read: Memory) -> None:
        fresh = self._case(read.ticket).version == read.reading.case_version
        try:
            self.casework.retriage("default", read.ticket, actor="key:ewa", version_read=read.reading.case_version)
        except Conflict:
            return
        assert fresh

    @rule()
    def somebody_presses_the_emergency_stop(self) -> None:
        self.stop.press("default", actor="key:ola", reason="zły adres")
        self.is_stopped = True

    @rule()
    def somebody_lifts_the_emergency_stop(self) -> None:
        self.stop.lift("default", actor="key:ola")
        self.is_stopped = False

    @rule(hours=st.sampled_from([1, 1, 1, 30]))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(hours=hours)

    # what must always hold

    @invariant()
    def count(self) -> None:
        type(self).total_steps += 1

    @invariant()
    def every_ticket_has_one_case_and_all_its_messages(self) -> None:
        for ticket, messages in self.world.messages.items():
            with self.units_of_work("default") as uow:
                stored, case = uow.tickets.get(ticket), uow.cases.get(ticket)
            with self.units_of_work("default") as uow:
                sent = {one.approval.id for one in uow.approvals.of_case(ticket) if one.state == "sent"}
            assert [one.id for one in stored.messages if one.author is Author.CUSTOMER] == messages
            assert sorted(one.id for one in stored.messages if one.author is Author.AGENT) == sorted(sent)
            assert case.ticket_revision <= stored.revision == len(messages) + len(sent)
            type(self).seen[case.state] += 1
            assert case.version >= self.world.versions.get(ticket, 1)
            self.world.versions[ticket] = case.version

    @invariant()
    def no_reply_left_without_its_approval_and_none_twice(self) -> None:
        sent = Counter(reply.approval.id for reply in self.ledger.ledger)
        assert set(sent) <= set(self.world.approved)
        assert all(count == 1 for count in sent.values())

    @invariant()
    def what_left_is_word_for_word_what_was_read(self) -> None:
        for reply in self.ledger.ledger:
            approval, body = self.world.approved[reply.approval.id]
            assert (reply.body, reply.approval) == (body, approval)
            assert approval.recipients == ("anna.zielińska@example.pl",)

    @invariant()
    def a_case_says_sent_only_when_its_reply_left_or_a_person_said_so(self) -> None:
        for ticket in self.world.messages:
            case = self._case(ticket)
            with self.units_of_work("default") as uow:
                records = uow.approvals.of_case(ticket)
            states = Counter(record.state for record in records)
            assert sum(states[state] for state in ("granted", "claimed", "unknown")) <= 1
            held = {CaseState.APPROVED: "granted", CaseState.SENDING: "claimed", CaseState.DELIVERY_UNKNOWN: "unknown"}
            for state, record in held.items():
                assert (states[record] == 1) == (case.state is state), (case.state, states)
            left = {reply.approval.id for reply in self.ledger.ledger}
            for record in records:
                if record.approval.id in left:
                    assert record.state in ("claimed", "unknown", "sent", "failed")
                if record.delivery is not None:
                    assert record.approval.id in left

    def teardown(self) -> None:
        """Once every job that waits is done, no ticket is left lying unseen."""
        self.ledger.weather = Weather.FAIR
        self.somebody_lifts_the_emergency_stop()
        self.waits_are_over()
        for approval in self.world.approved:
            if self.desk.send("default", approval, self.ledger) is None:
                self.desk.reconcile("default", approval, self.ledger)
        for ticket in self.world.messages:
            if self._case(ticket).state is CaseState.DELIVERY_UNKNOWN:
                self.desk.resolve("default", ticket, actor="key:ewa", delivered=False)
            self.casework.triage("default", ticket)
            with self.units_of_work("default") as uow:
                case, stored = uow.cases.get(ticket), uow.tickets.get(ticket)
            assert case.state not in (CaseState.RECEIVED, CaseState.APPROVED, CaseState.SENDING)
            assert case.ticket_revision == stored.revision
        self.no_reply_left_without_its_approval_and_none_twice()


@dataclass
class Remembering:
    """A unit of work whose first reads are what a paused worker had read before it was paused."""

    inner: UnitOfWorkFactory
    ticket: Ticket
    case: TriageCase
    opened: int = 0

    def __call__(self, tenant: str):  # type: ignore[no-untyped-def]  # noqa: ANN204
        self.opened += 1
        return _Past(self.ticket, self.case) if self.opened == 1 else self.inner(tenant)


class _Past:
    def __init__(self, ticket: Ticket, case: TriageCase) -> None:
        self.tickets, self.cases, self.automation = _One(ticket), _One(case), self

    def levels(self) -> dict[str, str]:
        return {}

    def __enter__(self) -> _Past:
        return self

    def __exit__(self, *error: object) -> None:
        return None


class _One:
    def __init__(self, value: object) -> None:
        self._value = value

    def get(self, ticket_id: str) -> object:
        return self._value


def test_invariants_hold_in_any_order_of_events_over_ten_thousand_steps() -> None:
    Desks.total_steps, Desks.seen = 0, Counter()
    run_state_machine_as_test(Desks, settings=settings(max_examples=800, stateful_step_count=50, deadline=None))
    assert Desks.total_steps >= 10_000
    # a machine that never got anywhere would hold its invariants too
    assert set(Desks.seen) == set(CaseState)
    assert min(Desks.seen.values()) >= 20, Desks.seen
