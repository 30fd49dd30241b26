"""What the core needs of storage: one tenant's repositories, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from triage.domain.case import TriageCase
from triage.domain.four_eyes import FirstApproval
from triage.domain.reply import Approval, Delivery
from triage.domain.stops import Stop
from triage.domain.ticket import Ticket
from triage.ports.drafting import EditLog, SolvedCaseRepository, SuggestionRepository
from triage.ports.learning import AutomationRepository, BlindSample, CorrectionRepository, PredictionLog
from triage.ports.operations import DeadLetterList
from triage.ports.queue import QueueFilter
from triage.ports.safety import SafetyRegister
from triage.ports.tombstones import TombstoneRepository


class TicketRepository(Protocol):
    """Stored tickets of one tenant."""

    def add_all(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        """Store new tickets; returns the ids of those that were not there before."""

    def get(self, ticket_id: str, *, for_update: bool = False) -> Ticket:
        """Return a ticket.

        Raises:
            TicketNotFound: no such ticket in this tenant.
        """

    def get_all(self, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        """Tickets by id; those that are not there are left out."""

    def save(self, ticket: Ticket) -> None:
        """Store the next revision of a ticket with its new messages."""

    def related(self, email: str, serials: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Ids of the newest tickets of a requester or about one of these serial numbers, oldest first.

        Args:
            email: the requester's address; empty means nobody's.
            serials: as found in tickets, normalised.
        """


class CaseRepository(Protocol):
    """Stored cases of one tenant."""

    def get(self, ticket_id: str, *, for_update: bool = False) -> TriageCase:
        """Return the case of a ticket.

        Raises:
            CaseNotFound: no such case in this tenant.
        """

    def get_all(self, ticket_ids: Sequence[str]) -> dict[str, TriageCase]:
        """Cases by their ticket's id; those that are not there are left out."""

    def add_all(self, cases: Sequence[TriageCase]) -> None:
        """Store the first versions of cases."""

    def save_all(self, cases: Sequence[tuple[TriageCase, int]]) -> frozenset[str]:
        """Store the next versions of different cases, each with the version it was made from.

        Returns:
            Ids of those that were stored; the others had another version, or are gone, and stay as they are.
        """

    def save(self, case: TriageCase, *, expected_version: int) -> None:
        """Store the next version of a case.

        Raises:
            StaleVersion: the stored version is not ``expected_version``.
        """

    def queue(self, filters: QueueFilter, *, limit: int, after: str | None = None) -> tuple[TriageCase, ...]:
        """A page of cases in the order the filter asks for; ``after`` is the last ticket id of the page before.

        As a list shows them: facts, rights, passages, findings, proposals and provenance are left out, so what comes
        back is not to be saved.
        """

    def teams(self, ticket_ids: Sequence[str]) -> Mapping[str, str]:
        """Whose queue each of these cases is in; those that there are not are left out."""


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approval with what happened to it: ``granted``, ``claimed``, ``sent``, ``unknown``, ``failed`` or ``void``.

    Attributes:
        deferrals: how often its sending was put off, because it certainly failed and may succeed later.
        deferred_because: why the last time.
        retry_at: when it is tried again, or read back where it is unknown, by the database's clock; ``None``: never.
        waits: whether that time is still to come, by the same clock.
    """

    approval: Approval
    state: str
    delivery: Delivery | None = None
    deferrals: int = 0
    deferred_because: str = ""
    retry_at: datetime | None = None
    waits: bool = False


class ApprovalRepository(Protocol):
    """Stored approvals of one tenant."""

    def add(self, approval: Approval) -> None:
        """Store a granted approval.

        Raises:
            AlreadyDecided: the case has an approval that is not void.
        """

    def get(self, approval_id: str, *, for_update: bool = False) -> ApprovalRecord:
        """Return an approval.

        Raises:
            NotFound: no such approval in this tenant.
        """

    def of_case(self, case_id: str) -> tuple[ApprovalRecord, ...]:
        """All approvals of a case, oldest first."""

    def granted(self) -> tuple[Approval, ...]:
        """Approvals whose reply was not claimed yet, oldest first."""

    def mark(self, approval_id: str, state: str, delivery: Delivery | None = None) -> None:
        """Record what happened to an approval."""

    def put_off(self, approval_id: str, wait: timedelta) -> None:
        """Keep a granted approval's reply from being claimed, or an unknown one from being read back, for a while.

        A worker enqueues it again then.
        """

    def defer(self, approval_id: str, wait: timedelta, because: str) -> None:
        """Put a claimed approval back to ``granted`` and its reply off, because it certainly did not leave."""


class SendingPause(Protocol):
    """A time in which no reply of anybody is tried, because the way out was closed a moment ago."""

    def left(self) -> timedelta:
        """How long it still lasts; zero when there is none."""

    def begin(self, length: timedelta) -> None:
        """Begin one, or prolong it; it is never shortened."""


class FirstApprovals(Protocol):
    """What the first of two approvers decided, of one tenant; at most one a case."""

    def of_case(self, case_id: str) -> FirstApproval | None:
        """The newest first approval of a case, whether or not it still stands."""

    def keep(self, first: FirstApproval) -> None:
        """Store a first approval in place of an older one."""


class Deciders(Protocol):
    """Who may decide about replies, of one tenant."""

    def withdrawn(self, actor: str) -> bool:
        """Whether this person or key was known here and may decide no more (revoked, expired, disabled, demoted)."""


class StopSwitch(Protocol):
    """Emergency stops, as one tenant is under them."""

    def in_force(self) -> Stop | None:
        """The stop the tenant is under; none can be pressed before this unit of work ends."""

    def press(self, stop: Stop) -> bool:
        """Begin a stop; ``False`` when it was pressed before."""

    def lift(self, tenant: str) -> bool:
        """End a stop; ``False`` when there was none."""

    def tenants_waiting(self) -> tuple[str, ...]:
        """Tenants with approved replies that were not claimed yet."""


class AuditLog(Protocol):
    """Append-only, hash-chained record of who did what."""

    def append(self, *, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
        """Add an entry in this unit of work; ``detail`` holds ids, digests and versions, never ticket text."""

    def append_all(self, *, actor: str, action: str, details: Mapping[str, dict[str, str]]) -> None:
        """Add an entry for each subject, in order."""


class JobQueue(Protocol):
    """Enqueues work in the same transaction as the state change that needs it."""

    def triage(self, ticket: Ticket, *, urgent: bool = False) -> None:
        """Triage this revision of the ticket."""

    def triage_all(self, tickets: Sequence[tuple[Ticket, bool]]) -> None:
        """Triage each ticket, with whether it is urgent."""

    def send(self, approval: Approval) -> None:
        """Send the reply of this approval."""


class UnitOfWork(Protocol):
    """One transaction over one tenant's data; nothing is stored unless :meth:`commit` was called."""

    @property
    def tickets(self) -> TicketRepository:
        """The tenant's tickets."""

    @property
    def cases(self) -> CaseRepository:
        """The tenant's cases."""

    @property
    def approvals(self) -> ApprovalRepository:
        """The tenant's approvals."""

    @property
    def first_approvals(self) -> FirstApprovals:
        """First approvals of replies that need two."""

    @property
    def deciders(self) -> Deciders:
        """Who may still decide."""

    @property
    def stops(self) -> StopSwitch:
        """The emergency stop."""

    @property
    def sending_pause(self) -> SendingPause:
        """The pause of the way out, everybody's."""

    @property
    def audit(self) -> AuditLog:
        """The tenant's audit log."""

    @property
    def dead_letters(self) -> DeadLetterList:
        """The tenant's jobs that were given up."""

    @property
    def jobs(self) -> JobQueue:
        """Work to be done when this transaction is committed."""

    @property
    def safety(self) -> SafetyRegister:
        """The tenant's register of complaints about dangerous products."""

    @property
    def tombstones(self) -> TombstoneRepository:
        """Marks of the tenant's erased people."""

    @property
    def corrections(self) -> CorrectionRepository:
        """What people decided about the tenant's tickets."""

    @property
    def automation(self) -> AutomationRepository:
        """How far the machine may go with the tenant's fields."""

    @property
    def predictions(self) -> PredictionLog:
        """What models said about the tenant's tickets."""

    @property
    def blind_sample(self) -> BlindSample:
        """The tenant's tickets drawn for a look without a suggestion."""

    @property
    def edits(self) -> EditLog:
        """What agents did to the tenant's drafts."""

    @property
    def suggestions(self) -> SuggestionRepository:
        """The tenant's suggested wordings."""

    @property
    def solved_cases(self) -> SolvedCaseRepository:
        """The tenant's solved cases."""

    def commit(self) -> None:
        """Make everything done in this unit of work durable."""


class UnitOfWorkFactory(Protocol):
    """Opens units of work."""

    def __call__(self, tenant: str) -> AbstractContextManager[UnitOfWork]:
        """Begin a transaction for ``tenant``; leaving the context without a commit rolls it back."""
