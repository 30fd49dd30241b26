"""Many actors at the same moment on PostgreSQL: one of them wins, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.domain.case import CaseState
from triage.domain.reply import Approval
from triage.errors import Conflict

pytestmark = pytest.mark.postgres


class Room:
    def __init__(self, database: Database) -> None:
        clock = FakeClock()
        self.units_of_work = database.units_of_work(clock)
        self.casework = Casework(self.units_of_work, clock, lambda ticket: False, builders.triaged)
        self.desk = Desk(self.units_of_work, clock, lambda draft, case, ticket: ())

    def ready(self, ticket: str) -> Reading:
        self.casework.receive(builders.ticket(ticket))
        self.casework.triage("default", ticket)
        with self.units_of_work("default") as uow:
            case = uow.cases.get(ticket)
        assert case.draft is not None
        return Reading(case.version, case.draft.digest)


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def at_once(count: int, act: Callable[[int], object]) -> Counter[str]:
    """Run ``act`` on ``count`` threads that start together; how each ended: ``done``, or the error's name."""
    barrier = threading.Barrier(count)

    def run(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            result = act(number)
        except Conflict as exc:
            return type(exc).__name__
        return "done" if result is not None else "nothing"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


@pytest.mark.parametrize("rounds", [3, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_fifty_people_approving_one_draft_send_it_once(room: Room, database: Database, rounds: int) -> None:
    sender = FakeSender()
    for number in range(rounds):
        ticket, approvals = f"T{number}", []
        reading = room.ready(ticket)

        def approve(actor: int, ticket: str = ticket, reading: Reading = reading, kept: list[str] = approvals) -> bool:
            kept.append(room.desk.approve("default", ticket, actor=f"key:{actor}", reading=reading).id)
            return True

        ended = at_once(50, approve)
        assert ended["done"] == 1
        assert sum(ended.values()) - ended["done"] == ended["AlreadyDecided"] + ended["StaleVersion"] == 49
        sends = at_once(8, lambda _, approval=approvals[0]: room.desk.send("default", approval, sender))
        assert sends == {"done": 1, "nothing": 7}
        assert len(sender.ledger) == number + 1
    with database.sessions() as session:
        assert verify(session, "default") is None


def test_a_case_that_somebody_holds_is_a_conflict_for_all_who_want_it_and_for_nobody_an_outage(
    room: Room, database: Database
) -> None:
    """As many as the API works for at once, more than there are connections: none of them waits for ever."""
    reading = room.ready("T1")
    with psycopg.connect(database.url) as holder:
        holder.execute("SELECT 1 FROM cases WHERE ticket_id = 'T1' FOR UPDATE")
        ended = at_once(40, lambda who: room.desk.approve("default", "T1", actor=f"key:{who}", reading=reading))
    assert ended == {"Contended": 40}
    assert isinstance(room.desk.approve("default", "T1", actor="key:jan", reading=reading), Approval)


def test_eight_workers_on_one_approval_write_one_mail(room: Room, tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path, "Domex", "serwis@domex.example", FakeClock().now)
    for number in range(5):
        approval = room.desk.approve("default", f"T{number}", actor="key:jan", reading=room.ready(f"T{number}"))
        at_once(8, lambda _, approval=approval: room.desk.send("default", approval.id, outbox))
    assert len(list(tmp_path.iterdir())) == 5


def test_one_ticket_delivered_by_eight_senders_is_stored_once(room: Room) -> None:
    new: list[bool] = []
    for number in range(10):
        at_once(8, lambda _, ticket=f"T{number}": new.append(room.casework.receive(builders.ticket(ticket))))
    assert (sum(new), len(new)) == (10, 80)


def test_a_message_and_an_approval_at_the_same_moment_never_block_each_other(room: Room) -> None:
    """Whoever comes first: the reply is void or the message reopens the case; a deadlock would raise here."""
    ended: Counter[str] = Counter()
    for number in range(40):
        ticket = f"T{number}"
        reading = room.ready(ticket)

        def act(who: int, ticket: str = ticket, reading: Reading = reading) -> object:
            if who == 0:
                return room.casework.add_message("default", ticket, builders.message("m2", "Ponaglam."))
            return room.desk.approve("default", ticket, actor="key:jan", reading=reading)

        ended += at_once(2, act)
        with room.units_of_work("default") as uow:
            case, records = uow.cases.get(ticket), uow.approvals.of_case(ticket)
        assert case.state is CaseState.RECEIVED
        assert {record.state for record in records} <= {"void"}
    assert ended["done"] + ended["StaleVersion"] == 80
    assert ended["done"] >= 40


def test_messages_from_eight_threads_all_arrive(room: Room) -> None:
    room.ready("T1")
    at_once(8, lambda who: room.casework.add_message("default", "T1", builders.message(f"x{who}")))
    with room.units_of_work("default") as uow:
        ticket = uow.tickets.get("T1")
    assert ticket.revision == 9 == len({message.id for message in ticket.messages})


def test_two_workers_triaging_one_ticket_write_one_result(room: Room) -> None:
    for number in range(10):
        room.casework.receive(builders.ticket(f"T{number}"))
        ended = at_once(4, lambda _, ticket=f"T{number}": room.casework.triage("default", ticket))
        assert ended["done"] == 1
