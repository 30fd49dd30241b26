"""What the core needs of storage: one tenant's repositories, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from triage.domain.case import TriageCase
from triage.domain.reply import Approval
from triage.domain.ticket import Ticket
from triage.ports.approvals import ApprovalRepository, Deciders, FirstApprovals
from triage.ports.drafting import EditLog, SolvedCaseRepository, SuggestionRepository
from triage.ports.halting import SendingPauses, StopSwitch
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

    def growing_older(self, day: date, *, limit: int, after: str | None = None) -> tuple[TriageCase, ...]:
        """Whole cases that wait for approval, and those due by a day whose reply is not on its way, by ticket id."""

    def teams(self, ticket_ids: Sequence[str]) -> Mapping[str, str]:
        """Whose queue each of these cases is in; those that there are not are left out."""


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
    def sending_pauses(self) -> SendingPauses:
        """The tenant's ways out that rest."""

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
