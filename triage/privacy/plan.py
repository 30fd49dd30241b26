"""What an erasure would do: to each ticket, by which line of the retention schedule, until when."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from triage.calendars.counting import local_day
from triage.domain.case import CLOSED, TriageCase
from triage.domain.privacy import Person, Trace, Why
from triage.domain.ticket import Ticket
from triage.ports.privacy import PrivacyUnit, Subject
from triage.privacy.schedule import RetentionClass, RetentionSchedule


class Fate(StrEnum):
    """What becomes of a ticket."""

    DELETE = "delete"
    PSEUDONYMISE = "pseudonymise"
    MASK_MENTION = "mask_mention"


@dataclass(frozen=True, slots=True)
class PlannedTicket:
    """A ticket and what an erasure does to it.

    Attributes:
        retention: id of the class of the schedule, empty for somebody else's ticket.
        kept_until: last day of the legal hold, ``None`` when nothing holds it.
        source: act and article of the hold.
        open: nobody has answered it yet; after the erasure there is no address left to answer to.
    """

    ticket_id: str
    why: Why
    fate: Fate
    retention: str = ""
    kept_until: date | None = None
    source: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """A dry run: everything found, and what would become of it."""

    person: Person
    tickets: tuple[PlannedTicket, ...]
    schedule: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the plan; whoever erases names the one they read."""
        lines = [[one.ticket_id, one.why, one.fate, one.retention, str(one.kept_until)] for one in self.tickets]
        content = json.dumps([self.schedule, self.person.identifiers, self.person.name, lines], ensure_ascii=False)
        return hashlib.sha256(content.encode("utf-8")).hexdigest()

    def of(self, fate: Fate) -> tuple[str, ...]:
        """Ids of tickets with a fate."""
        return tuple(one.ticket_id for one in self.tickets if one.fate is fate)

    @property
    def own(self) -> tuple[str, ...]:
        """Ids of the person's own tickets."""
        return tuple(one.ticket_id for one in self.tickets if one.fate is not Fate.MASK_MENTION)


def plan_erasure(uow: PrivacyUnit, person: Person, schedule: RetentionSchedule, today: date) -> ErasurePlan:
    """Look a person up and decide for each ticket; changes nothing."""
    found = uow.subjects.find(person)
    return ErasurePlan(person, tuple(plan_ticket(uow, trace, schedule, today) for trace in found), schedule.version)


def subject_of(uow: PrivacyUnit, person: Person | None, tickets: tuple[str, ...]) -> Subject:
    """The person with their tickets and the approvals of those."""
    approvals = tuple(record.approval.id for one in tickets for record in uow.approvals.of_case(one))
    return Subject(person, tickets, approvals)


def retention_of(case: TriageCase, schedule: RetentionSchedule, today: date) -> RetentionClass:
    """The line of the schedule a case falls under."""
    found = case.classification
    return schedule.of_case(found.code if found else None, found.buyer if found else "unknown", today)


def last_contact(ticket: Ticket) -> date:
    """The Warsaw day of the newest message."""
    return local_day(max((message.at for message in ticket.messages), default=ticket.received_at))


def plan_ticket(uow: PrivacyUnit, trace: Trace, schedule: RetentionSchedule, today: date) -> PlannedTicket:
    """Decide for one ticket."""
    if not trace.own:
        return PlannedTicket(trace.ticket_id, trace.why, Fate.MASK_MENTION)
    case, ticket = uow.cases.get(trace.ticket_id), uow.tickets.get(trace.ticket_id)
    retention = retention_of(case, schedule, today)
    ends = retention.ends(last_contact(ticket))
    held = retention.hold and today <= ends
    return PlannedTicket(
        trace.ticket_id,
        trace.why,
        Fate.PSEUDONYMISE if held else Fate.DELETE,
        retention.id,
        ends if held else None,
        retention.source if held else "",
        case.state not in CLOSED or case.next_deadline is not None,
    )
