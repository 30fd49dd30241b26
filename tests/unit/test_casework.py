"""What happens to a ticket before a person decides."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.memory import Job, MemoryStore
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.casework.incoming import Incoming
from triage.domain.case import CaseState, TriageCase
from triage.domain.reply import Approval
from triage.domain.ticket import Ticket
from triage.errors import InvalidTicket, StaleVersion, StorageUnavailable, TicketNotFound


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def casework(store: MemoryStore, clock: FakeClock) -> Casework:
    return Casework(store, clock, lambda ticket: "dymi" in ticket.subject, builders.triaged)


def case_of(store: MemoryStore, ticket: str = "T1") -> TriageCase:
    with store("default") as uow:
        return uow.cases.get(ticket)


def test_a_ticket_is_stored_with_its_case_and_its_job(casework: Casework, store: MemoryStore) -> None:
    assert casework.receive(builders.ticket())
    assert case_of(store).state is CaseState.RECEIVED
    assert store.rows.jobs == [Job("triage_ticket", "default", "T1", urgent=False)]


def test_a_ticket_delivered_again_changes_nothing(casework: Casework, store: MemoryStore) -> None:
    casework.receive(builders.ticket())
    before = store.rows.snapshot()
    assert not casework.receive(builders.ticket("T1", builders.message("m1", "inna treść")))
    assert store.rows == before


def test_of_two_tickets_with_one_id_in_a_batch_the_first_counts(casework: Casework, store: MemoryStore) -> None:
    batch = [builders.ticket("T1", builders.message(text=words)) for words in ("pierwsza", "druga")]
    assert casework.receive_all([*batch, builders.ticket("T2")]) == 2
    assert store.rows.tickets["default", "T1"].messages[0].text == "pierwsza"
    assert len(store.rows.jobs) == 2
    assert casework.receive_all([]) == 0


def test_a_message_reopens_the_case_and_is_stored_once(casework: Casework, store: MemoryStore) -> None:
    casework.receive(builders.ticket())
    casework.triage("default", "T1")
    for _ in range(2):
        ticket = casework.add_message("default", "T1", builders.message("m2"))
    assert (ticket.revision, len(ticket.messages)) == (2, 2)
    assert (case_of(store).state, len(store.rows.jobs)) == (CaseState.RECEIVED, 2)


def test_a_message_to_an_unknown_ticket_is_refused(casework: Casework) -> None:
    with pytest.raises(TicketNotFound):
        casework.add_message("default", "T1", builders.message())


def test_triage_does_nothing_when_nothing_is_due(casework: Casework, store: MemoryStore) -> None:
    casework.receive(builders.ticket())
    assert casework.triage("default", "T1") is not None
    before = case_of(store)
    assert casework.triage("default", "T1") is None
    assert case_of(store) == before


def test_triage_overtaken_by_a_message_writes_nothing(store: MemoryStore, clock: FakeClock) -> None:
    def slow(ticket: Ticket, case: TriageCase) -> TriageCase:
        if ticket.revision == 1:
            casework.add_message("default", "T1", builders.message("m2", "Odstępuję od umowy."))
        return builders.triaged(ticket, case)

    casework = Casework(store, clock, lambda ticket: False, slow)
    casework.receive(builders.ticket())
    assert casework.triage("default", "T1") is None
    assert case_of(store).state is CaseState.RECEIVED
    assert casework.triage("default", "T1") is not None
    assert case_of(store).ticket_revision == 2


def test_a_ticket_given_up_goes_to_a_person_with_the_reason(casework: Casework, store: MemoryStore) -> None:
    casework.receive(builders.ticket())
    casework.give_up("default", "T1", "the worker died repeatedly")
    case = case_of(store)
    assert case.state is CaseState.NEEDS_ATTENTION
    assert case.failure is not None
    assert (case.failure.stage, case.failure.reason) == ("worker", "the worker died repeatedly")
    assert store.rows.audit[-1].action == "needs_attention"


def test_a_triaged_ticket_is_not_given_up(casework: Casework, store: MemoryStore) -> None:
    casework.receive(builders.ticket())
    casework.triage("default", "T1")
    casework.give_up("default", "T1", "late")
    assert case_of(store).state is CaseState.PENDING_APPROVAL


def test_whoever_has_a_case_triaged_again_must_have_read_its_newest_version(
    casework: Casework, store: MemoryStore
) -> None:
    casework.receive(builders.ticket())
    casework.triage("default", "T1")
    before, jobs = case_of(store), len(store.rows.jobs)
    with pytest.raises(StaleVersion):
        casework.retriage("default", "T1", actor="key:jan", version_read=before.version - 1)
    assert (case_of(store), len(store.rows.jobs)) == (before, jobs)
    again = casework.retriage("default", "T1", actor="key:jan", version_read=before.version)
    assert (again.state, len(store.rows.jobs)) == (CaseState.RECEIVED, jobs + 1)


def test_an_approval_of_a_case_that_is_triaged_again_is_void(
    casework: Casework, store: MemoryStore, clock: FakeClock
) -> None:
    casework.receive(builders.ticket())
    triaged = casework.triage("default", "T1")
    assert triaged is not None
    assert triaged.draft is not None
    desk = Desk(store, clock, lambda draft, case, ticket: ())
    read = Reading(triaged.version, triaged.draft.digest)
    approval = desk.approve("default", "T1", actor="key:jan", reading=read)
    assert isinstance(approval, Approval)
    casework.retriage("default", "T1", actor="key:jan", version_read=case_of(store).version)
    with store("default") as uow:
        assert uow.approvals.get(approval.id).state == "void"


class Commits:
    """A store whose transactions take as long as the test wants, and that notes who shared one."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.open = threading.Event()
        self.began = threading.Event()
        self.bad = ""
        self.down = False

    def store_all(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        self.began.set()
        assert self.open.wait(10)
        if self.down:
            raise StorageUnavailable
        if any(ticket.id == self.bad for ticket in tickets):
            raise InvalidTicket("a text the database does not take")
        self.groups.append(sorted(ticket.id for ticket in tickets))
        return frozenset(ticket.id for ticket in tickets)


def come_in_together(commits: Commits, names: list[str], tenants: list[str] | None = None) -> list[object]:
    """Store one ticket, and while it is committed all the others; returns each caller's answer or error."""
    incoming = Incoming()
    tenants = tenants or ["default"] * len(names)

    def store(name: str, tenant: str) -> object:
        try:
            return incoming.add(builders.ticket(name, tenant=tenant), commits.store_all).result()
        except (InvalidTicket, StorageUnavailable) as exc:
            return type(exc)

    with ThreadPoolExecutor(len(names)) as pool:
        first = pool.submit(store, names[0], tenants[0])
        assert commits.began.wait(10)
        rest = [pool.submit(store, name, tenant) for name, tenant in zip(names[1:], tenants[1:], strict=True)]
        while len(incoming.waiting) < len(rest):
            threading.Event().wait(0.005)
        commits.open.set()
        return [future.result(timeout=20) for future in (first, *rest)]


def test_tickets_that_come_during_a_commit_share_the_next_one() -> None:
    commits = Commits()
    assert come_in_together(commits, ["A", "B", "C", "D"]) == [True] * 4
    assert commits.groups == [["A"], ["B", "C", "D"]]


def test_tenants_never_share_a_transaction() -> None:
    commits = Commits()
    assert come_in_together(commits, ["A", "B", "C", "D"], ["x", "x", "y", "x"]) == [True] * 4
    assert sorted(commits.groups) == [["A"], ["B", "D"], ["C"]]


def test_the_same_ticket_twice_in_one_transaction_is_new_once() -> None:
    commits = Commits()
    assert sorted(map(str, come_in_together(commits, ["A", "B", "B"])[1:])) == ["False", "True"]


def test_a_ticket_that_cannot_be_stored_fails_alone() -> None:
    commits = Commits()
    commits.bad = "C"
    assert come_in_together(commits, ["A", "B", "C", "D"]) == [True, True, InvalidTicket, True]
    assert sorted(commits.groups) == [["A"], ["B"], ["D"]]


def test_when_the_database_is_away_everybody_is_told_and_the_next_can_come() -> None:
    commits = Commits()
    commits.down = True
    assert come_in_together(commits, ["A", "B", "C"]) == [StorageUnavailable] * 3
    commits.down = False
    incoming = Incoming()
    assert incoming.add(builders.ticket("D"), commits.store_all).result(timeout=20)


def test_three_hundred_tickets_on_sixteen_threads_are_all_stored_once(casework: Casework, store: MemoryStore) -> None:
    names = [f"T{number % 150}" for number in range(300)]
    with ThreadPoolExecutor(16) as pool:
        new = list(pool.map(lambda name: casework.receive(builders.ticket(name)), names))
    assert sum(new) == 150 == len(store.rows.cases) == len(store.rows.jobs)


def test_tickets_triaged_together_come_out_as_alone_and_one_that_was_overtaken_stays(
    casework: Casework, store: MemoryStore
) -> None:
    for name in ("A", "B", "C"):
        casework.receive(builders.ticket(name))
    alone = casework.triage("default", "A")

    def answered_meanwhile(ticket: Ticket, case: TriageCase) -> TriageCase:
        if ticket.id == "C":
            casework.add_message("default", "C", builders.message("m2", "Ponaglam."))
        return casework.run(ticket, case)

    busy = replace(casework, run=answered_meanwhile)
    assert busy.triage_all("default", ["B", "C", "A", "gone"]) == {"A", "B", "C"}
    with store("default") as uow:
        cases = uow.cases.get_all(["A", "B", "C"])
    assert cases["A"] == alone
    assert alone is not None
    assert cases["B"] == replace(alone, ticket_id="B")
    assert cases["C"].state is CaseState.RECEIVED
    assert [step.subject for step in store.rows.audit if step.action == "triaged"] == ["A", "B"]


def test_what_is_due_is_run_together_and_only_that(casework: Casework, store: MemoryStore) -> None:
    for name in ("A", "B", "C"):
        casework.receive(builders.ticket(name))
    casework.triage("default", "B")
    asked: list[list[str]] = []

    def run_all(due: Sequence[tuple[Ticket, TriageCase]]) -> list[TriageCase]:
        asked.append([ticket.id for ticket, _ in due])
        return [casework.run(ticket, case) for ticket, case in due]

    together = replace(casework, run_all=run_all)
    assert together.triage_all("default", ["C", "B", "A"]) == {"A", "B", "C"}
    assert asked == [["C", "A"]]
    assert {case_of(store, name).state for name in "ABC"} == {CaseState.PENDING_APPROVAL}
