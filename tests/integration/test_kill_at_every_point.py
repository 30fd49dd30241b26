"""Processes killed (SIGKILL) at every point of intake, message, triage, approval and send, and what is left then."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import text

from tests import builders
from tests.integration.conftest import Nursery
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database
from triage.approval import Reading
from triage.domain.case import CaseState, TriageCase
from triage.domain.ticket import Author, Ticket
from triage.errors import Conflict, TicketNotFound
from triage.ports import ApprovalRecord

pytestmark = pytest.mark.postgres

BEFORE: dict[str, tuple[str, ...]] = {
    "receive": (),
    "add_message": ("receive", "triage"),
    "triage": ("receive",),
    "approve": ("receive", "triage"),
    "send": ("receive", "triage", "approve"),
}
POINTS = {"receive": 9, "add_message": 15, "triage": 12, "approve": 18, "send": 41}
RECORD_OF = {
    CaseState.RECEIVED: set[str](),
    CaseState.PENDING_APPROVAL: set[str](),
    CaseState.APPROVED: {"granted"},
    CaseState.SENDING: {"claimed"},
    CaseState.SENT: {"sent"},
    CaseState.DELIVERY_UNKNOWN: {"unknown"},
}


class Stored:
    """What the database holds of a ticket."""

    def __init__(self, nursery: Nursery, database: Database, ticket: str) -> None:
        self.ticket: Ticket | None = None
        self.case: TriageCase | None = None
        self.approvals: tuple[ApprovalRecord, ...] = ()
        with nursery.house.units_of_work("default") as uow:
            try:
                self.ticket, self.case = uow.tickets.get(ticket), uow.cases.get(ticket)
                self.approvals = uow.approvals.of_case(ticket)
            except TicketNotFound:
                pass
        with database.engine.connect() as connection:
            jobs = text("SELECT task_name FROM procrastinate_jobs WHERE lock = :lock")
            self.jobs = Counter(connection.execute(jobs, {"lock": f"default/{ticket}"}).scalars())
            steps = text("SELECT action FROM audit WHERE subject = :ticket ORDER BY position")
            self.steps = list(connection.execute(steps, {"ticket": ticket}).scalars())
        self.mails = [
            path.name
            for record in self.approvals
            for path in nursery.house.outbox.folder.glob(f"{record.approval.id}*")
        ]

    def assert_whole(self) -> None:
        """A ticket with its case and jobs, an approval with its state and its job; or nothing at all."""
        if self.ticket is None or self.case is None:
            assert (self.ticket, self.case, self.jobs, self.approvals) == (None, None, Counter(), ())
            return
        sent = [one.approval.id for one in self.approvals if one.state == "sent"]
        assert [one.id for one in self.ticket.messages if one.author is Author.AGENT] == sent
        assert self.jobs["triage_ticket"] == self.ticket.revision - len(
            sent
        )  # the desk's own letter asks for no triage
        assert self.jobs["send_reply"] == len(self.approvals) <= 1
        assert {record.state for record in self.approvals} == RECORD_OF[self.case.state]
        assert sum(name.endswith(".eml") for name in self.mails) <= len(self.approvals)


def repeat(nursery: Nursery, step: str, ticket: str) -> None:
    """What the sender, the person or the rescued job does next: the same once more."""
    try:
        getattr(nursery.house, step)(ticket)
    except Conflict:
        assert step == "approve"  # the person is told that it was already done


@pytest.mark.parametrize("step", list(BEFORE))
def test_a_step_killed_anywhere_is_whole_or_never_was_and_ends_well_when_repeated(
    nursery: Nursery, database: Database, step: str
) -> None:
    ends: Counter[CaseState] = Counter()
    for deadly in range(1, 100):
        ticket = f"{step}-{deadly}"
        for earlier in BEFORE[step]:
            getattr(nursery.house, earlier)(ticket)
        killed = nursery.run(step, ticket, deadly=deadly)
        Stored(nursery, database, ticket).assert_whole()
        repeat(nursery, step, ticket)
        stored = Stored(nursery, database, ticket)
        stored.assert_whole()
        assert stored.case is not None
        ends[stored.case.state] += 1
        _assert_end(step, stored)
        if not killed:
            break
    assert nursery.kills >= POINTS[step]
    with database.sessions() as session:
        assert verify(session, "default") is None
    if step == "send":
        # both ways out were seen: sent or read back as sent; and shown to a person as unknown
        assert set(ends) == {CaseState.SENT, CaseState.DELIVERY_UNKNOWN}
        died_at = {name.removeprefix("send: ") for name in nursery.points}
        assert {"before uow.commit", "after uow.commit", "before os.link", "after os.link", "after os.fsync"} <= died_at


def _assert_end(step: str, stored: Stored) -> None:
    assert stored.ticket is not None
    assert stored.case is not None
    match step:
        case "receive":
            assert stored.ticket == builders.ticket(stored.ticket.id)
            assert (stored.case.state, stored.jobs) == (CaseState.RECEIVED, {"triage_ticket": 1})
        case "add_message":
            assert [message.id for message in stored.ticket.messages] == ["m1", "m2"]
            assert (stored.case.state, stored.jobs) == (CaseState.RECEIVED, {"triage_ticket": 2})
        case "triage":
            assert (stored.case.state, stored.case.version) == (CaseState.PENDING_APPROVAL, 2)
            assert stored.steps == ["triaged"]
        case "approve":
            assert (stored.case.state, stored.steps) == (CaseState.APPROVED, ["triaged", "approved"])
        case "send":
            expected = [f"{stored.approvals[0].approval.id}.eml"] if stored.case.state is CaseState.SENT else []
            assert stored.mails == expected  # not one more, and nothing half written


def test_a_reading_from_before_the_kill_cannot_approve_twice(nursery: Nursery) -> None:
    for earlier in BEFORE["approve"]:
        getattr(nursery.house, earlier)("T1")
    with nursery.house.units_of_work("default") as uow:
        case = uow.cases.get("T1")
    assert case.draft is not None
    deadly = 0
    while "approve: after uow.commit" not in nursery.points:
        deadly += 1
        assert nursery.run("approve", "T1", deadly=deadly)
    with pytest.raises(Conflict):
        nursery.house.desk.approve("default", "T1", actor="key:ewa", reading=Reading(case.version, case.draft.digest))


@pytest.mark.parametrize("kills", [10, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_no_acknowledged_ticket_is_lost_when_intake_is_killed_at_random(
    nursery: Nursery, database: Database, kills: int
) -> None:
    acknowledged = 0
    for number in range(kills):
        listed = nursery.house.outbox.folder / f"r{number}-.acknowledged"
        pause = 0.02 + 0.013 * (number % 25)
        assert nursery.run("receive_for_ever", f"r{number}-", kill_after_s=pause, at_work=str(listed))
        acked = listed.read_text().split() if listed.exists() else []
        acknowledged += len(acked)
        with database.engine.connect() as connection:
            stored = set(connection.execute(text("SELECT ticket_id FROM cases")).scalars())
            waiting = Counter(connection.execute(text("SELECT lock FROM procrastinate_jobs")).scalars())
        assert set(acked) <= stored
        assert {f"default/{ticket}": 1 for ticket in stored} == waiting
    assert acknowledged >= kills
