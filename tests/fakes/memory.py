"""Storage in memory, with the same promises as PostgreSQL: isolation until commit, optimistic locks, one open approval.

Units of work of one store may be open at once; each sees what was committed when it first looked at a row, locked rows
are re-read, and a commit that lost a race raises, as the adapter's statements would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from threading import RLock
from typing import Any

from tests.fakes.clock import START
from tests.fakes.memory_drafting import DraftingRows, MemoryEdits, MemorySolvedCases, MemorySuggestions
from tests.fakes.memory_learning import (
    LearningRows,
    MemoryAutomation,
    MemoryBlindSample,
    MemoryCorrections,
    MemoryPredictions,
)
from triage.domain.case import CLOSED, TriageCase
from triage.domain.deferral import Pause
from triage.domain.folding import words_of
from triage.domain.four_eyes import FirstApproval
from triage.domain.jobs import DeadLetter
from triage.domain.labels import Field, Label, label_of
from triage.domain.privacy import IdentifierKind, Seal, Tombstone
from triage.domain.reply import Approval, Delivery
from triage.domain.safety import SafetyEntry
from triage.domain.stops import EVERYBODY, Stop
from triage.domain.ticket import Ticket
from triage.errors import AlreadyDecided, CaseNotFound, NotFound, StaleVersion, TicketNotFound
from triage.ports import ApprovalRecord, QueueFilter, QueueOrder

OPEN = ("granted", "claimed", "unknown")
Key = tuple[str, str]


@dataclass(frozen=True)
class LoggedStep:
    tenant: str
    actor: str
    action: str
    subject: str
    detail: dict[str, str]


@dataclass(frozen=True)
class Job:
    task: str
    tenant: str
    subject: str
    urgent: bool = False


@dataclass
class Rows:
    tickets: dict[Key, Ticket] = field(default_factory=dict)
    cases: dict[Key, TriageCase] = field(default_factory=dict)
    approvals: dict[Key, ApprovalRecord] = field(default_factory=dict)
    audit: list[LoggedStep] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    learning: LearningRows = field(default_factory=LearningRows)
    drafting: DraftingRows = field(default_factory=DraftingRows)
    first_approvals: dict[Key, FirstApproval] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    withdrawn: set[Key] = field(default_factory=set)
    pauses: dict[Key, Pause] = field(default_factory=dict)

    def snapshot(self) -> Rows:
        kept = dict(self.tickets), dict(self.cases), dict(self.approvals), list(self.audit), list(self.jobs)
        approving = dict(self.first_approvals), dict(self.stops), set(self.withdrawn), dict(self.pauses)
        return Rows(*kept, self.learning.snapshot(), self.drafting.snapshot(), *approving)


class MemoryStore:
    """A :class:`triage.ports.UnitOfWorkFactory`; one unit of work at a time, as if every one were serialisable."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.tombstones: list[Tombstone] = []
        self.safety: list[tuple[str, SafetyEntry]] = []
        self._lock = RLock()

    def waits_are_over(self) -> None:
        """What its database's clock would bring about: there is none, so waits last until somebody says this."""
        self.rows.pauses.clear()
        for key, record in self.rows.approvals.items():
            self.rows.approvals[key] = replace(record, retry_at=None, waits=False)

    @contextmanager
    def __call__(self, tenant: str) -> Iterator[MemoryUnitOfWork]:
        with self._lock:
            yield MemoryUnitOfWork(self, tenant)


class MemoryUnitOfWork:
    def __init__(self, store: MemoryStore, tenant: str) -> None:
        self._store = store
        self._rows = store.rows.snapshot()
        self.tickets = MemoryTickets(self._rows, tenant)
        self.cases = MemoryCases(self._rows, tenant)
        self.approvals = MemoryApprovals(self._rows, tenant)
        self.first_approvals = MemoryFirstApprovals(self._rows.first_approvals, tenant)
        self.deciders = MemoryDeciders(self._rows.withdrawn, tenant)
        self.stops = MemoryStops(self._rows, tenant)
        self.sending_pauses = MemorySendingPauses(self._rows, tenant)
        self.audit = MemoryAudit(self._rows, tenant)
        self.jobs = MemoryJobs(self._rows)
        self.dead_letters = MemoryDeadLetters()
        self.tombstones = MemoryTombstones(store.tombstones, tenant)
        self.safety = MemorySafetyRegister(store.safety, tenant)
        self.corrections = MemoryCorrections(self._rows.learning, tenant)
        self.automation = MemoryAutomation(self._rows.learning, tenant)
        self.predictions = MemoryPredictions(self._rows.learning, tenant, self.cases.get)
        self.blind_sample = MemoryBlindSample(self._rows.learning, tenant, self.cases.get)
        self.edits = MemoryEdits(self._rows.drafting, tenant)
        self.suggestions = MemorySuggestions(self._rows.drafting, tenant)
        self.solved_cases = MemorySolvedCases(self._rows.drafting, tenant, self.cases.get)

    def commit(self) -> None:
        self._store.rows = self._rows.snapshot()


@dataclass
class MemoryDeciders:
    withdrawn_ones: set[Key]
    tenant: str

    def withdrawn(self, actor: str) -> bool:
        return (self.tenant, actor) in self.withdrawn_ones


@dataclass
class MemoryTickets:
    rows: Rows
    tenant: str

    def add_all(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        new = {}
        for ticket in tickets:
            key = (self.tenant, ticket.id)
            if key not in self.rows.tickets:
                self.rows.tickets[key] = new[ticket.id] = ticket
        return frozenset(new)

    def get(self, ticket_id: str, *, for_update: bool = False) -> Ticket:
        try:
            return self.rows.tickets[self.tenant, ticket_id]
        except KeyError:
            raise TicketNotFound from None

    def get_all(self, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        kept = self.rows.tickets
        return {one: kept[self.tenant, one] for one in ticket_ids if (self.tenant, one) in kept}

    def save(self, ticket: Ticket) -> None:
        self.rows.tickets[self.tenant, ticket.id] = ticket

    def related(self, email: str, serials: Sequence[str], *, limit: int) -> tuple[str, ...]:
        def about(key: Key) -> set[str]:
            case = self.rows.cases.get(key)
            named = {fact.value for fact in case.facts.of("serial")} if case else set()
            return named | {self.rows.tickets[key].order.get("serial", "")}

        mine = [
            ticket
            for key, ticket in self.rows.tickets.items()
            if key[0] == self.tenant and ((email and ticket.requester.email == email) or about(key) & set(serials))
        ]
        mine.sort(key=lambda ticket: (-ticket.received_at.timestamp(), ticket.id))
        return tuple(ticket.id for ticket in reversed(mine[:limit]))


@dataclass
class MemoryCases:
    rows: Rows
    tenant: str

    def add_all(self, cases: Sequence[TriageCase]) -> None:
        self.rows.cases |= {(self.tenant, case.ticket_id): case for case in cases}

    def get(self, ticket_id: str, *, for_update: bool = False) -> TriageCase:
        try:
            return self.rows.cases[self.tenant, ticket_id]
        except KeyError:
            raise CaseNotFound from None

    def get_all(self, ticket_ids: Sequence[str]) -> dict[str, TriageCase]:
        kept = self.rows.cases
        return {one: kept[self.tenant, one] for one in ticket_ids if (self.tenant, one) in kept}

    def save_all(self, cases: Sequence[tuple[TriageCase, int]]) -> frozenset[str]:
        fresh = [case for case, version in cases if self.get(case.ticket_id).version == version]
        self.add_all(fresh)
        return frozenset(case.ticket_id for case in fresh)

    def save(self, case: TriageCase, *, expected_version: int) -> None:
        if self.get(case.ticket_id).version != expected_version:
            raise StaleVersion
        self.rows.cases[self.tenant, case.ticket_id] = case

    def queue(self, filters: QueueFilter, *, limit: int, after: str | None = None) -> tuple[TriageCase, ...]:
        mine = [case for (tenant, _), case in self.rows.cases.items() if tenant == self.tenant]
        place = partial(_place, filters.order, self.rows.tickets)
        page = sorted(
            (case for case in mine if _matches(case, filters) and self._named(case, filters.words)), key=place
        )
        newest_first = filters.order is QueueOrder.NEWEST
        page = page[::-1] if newest_first else page
        if after is not None:
            last = place(self.get(after))
            page = [case for case in page if (place(case) < last if newest_first else place(case) > last)]
        return tuple(page[:limit])

    def growing_older(self, day: date, *, limit: int, after: str | None = None) -> tuple[TriageCase, ...]:
        mine = [case for (tenant, _), case in sorted(self.rows.cases.items()) if tenant == self.tenant]
        still = {"needs_attention", "send_failed", "sent", "rejected"}
        due = [one for one in mine if one.state in still and one.next_deadline and one.next_deadline.safe_due <= day]
        near = [one for one in mine if one.state == "pending_approval" or one in due]
        return tuple(one for one in near if after is None or one.ticket_id > after)[:limit]

    def teams(self, ticket_ids: Sequence[str]) -> Mapping[str, str]:
        found = {one: self.rows.cases.get((self.tenant, one)) for one in ticket_ids}
        return {one: case.team for one, case in found.items() if case is not None}

    def _named(self, case: TriageCase, words: tuple[str, ...]) -> bool:
        ticket = self.rows.tickets[self.tenant, case.ticket_id]
        there = words_of(f"{ticket.id} {ticket.subject} {ticket.requester.name} {ticket.requester.email}")
        return all(any(word.startswith(beginning) for word in there) for beginning in words)


def _matches(case: TriageCase, filters: QueueFilter) -> bool:
    due = case.next_deadline.safe_due if case.next_deadline else None
    return (
        filters.state in (None, case.state)
        and filters.level in (None, case.urgency.level if case.urgency else "P4")
        and filters.category in (None, case.classification.code if case.classification else "")
        and filters.category_by in (None, _value(label_of(case.labels, Field.CATEGORY), "set_by"))
        and (filters.tag is None or filters.tag in (_value(label_of(case.labels, Field.TAGS), "value") or ()))
        and filters.assignee in (None, case.assignee)
        and (filters.teams is None or case.team in filters.teams)
        and filters.asleep in (None, case.snoozed_until is not None and case.snoozed_until > (filters.now or START))
        and (not filters.owed or case.state not in CLOSED or due is not None)
        and (filters.safe_due_before is None or (due is not None and due < filters.safe_due_before))
    )


def _value(label: Label | None, name: str) -> Any:
    return getattr(label, name) if label else None


def _place(order: QueueOrder, tickets: dict[Key, Ticket], case: TriageCase) -> tuple[object, ...]:
    if order is QueueOrder.URGENCY:
        return _order(case)
    if order is QueueOrder.SAFE_DUE:
        return _order(case)[1:]
    return tickets[case.tenant, case.ticket_id].received_at, case.ticket_id


def _order(case: TriageCase) -> tuple[str, str, str]:
    due = case.next_deadline.safe_due.isoformat() if case.next_deadline else "9999-12-31"
    return (case.urgency.level.value if case.urgency else "P4", due, case.ticket_id)


@dataclass
class MemoryApprovals:
    rows: Rows
    tenant: str

    def add(self, approval: Approval) -> None:
        if any(record.state in OPEN for record in self.of_case(approval.case_id)):
            raise AlreadyDecided
        self.rows.approvals[self.tenant, approval.id] = ApprovalRecord(approval, "granted")

    def get(self, approval_id: str, *, for_update: bool = False) -> ApprovalRecord:
        try:
            return self.rows.approvals[self.tenant, approval_id]
        except KeyError:
            raise NotFound from None

    def of_case(self, case_id: str) -> tuple[ApprovalRecord, ...]:
        mine = [record for (tenant, _), record in self.rows.approvals.items() if tenant == self.tenant]
        mine = [record for record in mine if record.approval.case_id == case_id]
        return tuple(sorted(mine, key=lambda record: (record.approval.approved_at, record.approval.id)))

    def granted(self) -> tuple[Approval, ...]:
        mine = [record for (tenant, _), record in self.rows.approvals.items() if tenant == self.tenant]
        return tuple(record.approval for record in mine if record.state == "granted")

    def mark(self, approval_id: str, state: str, delivery: Delivery | None = None) -> None:
        record = self.get(approval_id)
        marked = replace(record, state=state, delivery=delivery or record.delivery, retry_at=None, waits=False)
        self.rows.approvals[self.tenant, approval_id] = marked

    def put_off(self, approval_id: str, wait: timedelta) -> None:
        put_off = replace(self.get(approval_id), retry_at=START + wait, waits=True)
        self.rows.approvals[self.tenant, approval_id] = put_off

    def wake(self) -> tuple[Approval, ...]:
        woken = tuple(one for one in self.granted() if self.get(one.id).waits)
        for approval in woken:
            self.mark(approval.id, "granted")
        return woken

    def defer(self, approval_id: str, wait: timedelta, because: str) -> None:
        self.put_off(approval_id, wait)
        record = self.get(approval_id)
        deferred = replace(record, state="granted", deferrals=record.deferrals + 1, deferred_because=because)
        self.rows.approvals[self.tenant, approval_id] = deferred


@dataclass
class MemorySendingPauses:
    rows: Rows
    tenant: str

    def left(self, way: str) -> timedelta:
        pause = self.rows.pauses.get((self.tenant, way))
        return pause.until - START if pause else timedelta(0)

    def begin(self, way: str, length: timedelta, because: str) -> None:
        until = START + max(length, self.left(way))
        self.rows.pauses[self.tenant, way] = Pause(way, START, until, because)

    def in_force(self) -> tuple[Pause, ...]:
        return tuple(pause for (tenant, _), pause in sorted(self.rows.pauses.items()) if tenant == self.tenant)

    def lift(self) -> tuple[Pause, ...]:
        lifted = self.in_force()
        for pause in lifted:
            del self.rows.pauses[self.tenant, pause.way]
        return lifted


@dataclass
class MemoryFirstApprovals:
    rows: dict[Key, FirstApproval]
    tenant: str

    def of_case(self, case_id: str) -> FirstApproval | None:
        return self.rows.get((self.tenant, case_id))

    def keep(self, first: FirstApproval) -> None:
        self.rows[self.tenant, first.case_id] = first


@dataclass
class MemoryStops:
    rows: Rows
    tenant: str

    def in_force(self) -> Stop | None:
        return self.rows.stops.get(self.tenant) or self.rows.stops.get(EVERYBODY)

    def press(self, stop: Stop) -> bool:
        return self.rows.stops.setdefault(stop.tenant, stop) is stop

    def lift(self, tenant: str) -> bool:
        return self.rows.stops.pop(tenant, None) is not None

    def tenants_waiting(self) -> tuple[str, ...]:
        return tuple({tenant for (tenant, _), record in self.rows.approvals.items() if record.state == "granted"})


@dataclass
class MemoryAudit:
    rows: Rows
    tenant: str

    def append(self, *, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
        self.rows.audit.append(LoggedStep(self.tenant, actor, action, subject, copy(detail)))

    def append_all(self, *, actor: str, action: str, details: Mapping[str, dict[str, str]]) -> None:
        for subject, detail in details.items():
            self.append(actor=actor, action=action, subject=subject, detail=detail)


class MemoryDeadLetters:
    """None: no worker works on memory."""

    def page(self, *, limit: int, after: int = 0) -> tuple[DeadLetter, ...]:
        return ()

    def take(self, job_id: int) -> DeadLetter:
        raise NotFound

    def requeue(self, letter: DeadLetter) -> None:
        raise NotFound


@dataclass
class MemoryJobs:
    rows: Rows

    def triage(self, ticket: Ticket, *, urgent: bool = False) -> None:
        self.triage_all([(ticket, urgent)])

    def triage_all(self, tickets: Sequence[tuple[Ticket, bool]]) -> None:
        self.rows.jobs += [Job("triage_ticket", ticket.tenant, ticket.id, urgent) for ticket, urgent in tickets]

    def send(self, approval: Approval) -> None:
        self.rows.jobs.append(Job("send_reply", approval.tenant, approval.id))


SEAL = Seal(b"memory")


@dataclass
class MemoryTombstones:
    """Marks are kept at once, not with the commit: no test erases and rolls back."""

    marks: list[Tombstone]
    tenant: str

    def add_all(self, tombstones: Sequence[Tombstone]) -> None:
        self.marks += tombstones

    def all(self) -> tuple[Tombstone, ...]:
        return tuple(mark for mark in self.marks if mark.tenant == self.tenant)

    def covering(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        return frozenset(ticket.id for ticket in tickets if self._covers(ticket))

    def late(self) -> tuple[Ticket, ...]:
        return ()

    def covers_message(self, ticket_id: str, at: datetime) -> bool:
        erased_at = self._erased_at(IdentifierKind.TICKET, ticket_id)
        return erased_at is not None and at <= erased_at

    def _covers(self, ticket: Ticket) -> bool:
        by_address = self._erased_at(IdentifierKind.EMAIL, ticket.requester.email)
        return (
            self._erased_at(IdentifierKind.TICKET, ticket.id) is not None
            or self._erased_at(IdentifierKind.EXTERNAL, ticket.external_id or "") is not None
            or (by_address is not None and ticket.received_at <= by_address)
        )

    def _erased_at(self, kind: IdentifierKind, identifier: str) -> datetime | None:
        digest = SEAL.digest(self.tenant, kind, identifier)
        return max((mark.erased_at for mark in self.all() if identifier and mark.digest == digest), default=None)


@dataclass
class MemorySafetyRegister:
    registered: list[tuple[str, SafetyEntry]]
    tenant: str

    def add(self, entry: SafetyEntry, at: datetime) -> int | None:
        mine = [one for tenant, one in self.registered if tenant == self.tenant]
        if entry in [one for one in mine if one.case_id == entry.case_id][-1:]:
            return None
        self.registered.append((self.tenant, entry))
        return len(mine) + 1
