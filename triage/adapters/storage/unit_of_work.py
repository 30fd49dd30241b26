"""One transaction over one tenant's data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import procrastinate
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage.approvals import SqlApprovalRepository
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.cases import SqlCaseRepository
from triage.adapters.storage.corrections import SqlAutomationRepository, SqlCorrectionRepository
from triage.adapters.storage.dead_letters import SqlDeadLetters
from triage.adapters.storage.deciders import SqlDeciders
from triage.adapters.storage.first_approvals import SqlFirstApprovals
from triage.adapters.storage.idempotency import PersonalAnswers
from triage.adapters.storage.jobs import PersonalJobs, SqlJobQueue
from triage.adapters.storage.lessons import SqlEditLog, SqlSolvedCaseRepository, SqlSuggestionRepository
from triage.adapters.storage.personal import personal_tables
from triage.adapters.storage.predictions import SqlBlindSample, SqlPredictionLog
from triage.adapters.storage.retention import SqlCaseAges, aging_stores
from triage.adapters.storage.safety import SqlSafetyRegister
from triage.adapters.storage.sending_pauses import SqlSendingPauses
from triage.adapters.storage.sessions import session_of
from triage.adapters.storage.stops import SqlStops
from triage.adapters.storage.subjects import SqlSubjectFinder
from triage.adapters.storage.tickets import SqlTicketRepository
from triage.adapters.storage.tombstones import SqlTombstones
from triage.domain.privacy import Seal
from triage.ports import Clock
from triage.ports.privacy import AgingStore, PersonalStore


class SqlUnitOfWork:
    """Repositories that share one session; see :class:`triage.ports.UnitOfWork`."""

    def __init__(self, session: Session, tenant: str, clock: Clock, app: procrastinate.App, seal: Seal) -> None:
        self._session = session
        self._tenant = tenant
        self.tickets = SqlTicketRepository(session, tenant)
        self.cases = SqlCaseRepository(session, tenant)
        self.approvals = SqlApprovalRepository(session, tenant)
        self.first_approvals = SqlFirstApprovals(session, tenant)
        self.deciders = SqlDeciders(session, tenant, clock)
        self.stops = SqlStops(session, tenant)
        self.sending_pauses = SqlSendingPauses(session, tenant)
        self.audit = SqlAuditLog(session, tenant, clock)
        self.jobs = SqlJobQueue(session, app)
        self.dead_letters = SqlDeadLetters(session, tenant)
        self.subjects = SqlSubjectFinder(session, tenant)
        self.safety = SqlSafetyRegister(session, tenant)
        self.case_ages = SqlCaseAges(session, tenant)
        self.tombstones = SqlTombstones(session, tenant, seal)
        self.corrections = SqlCorrectionRepository(session, tenant)
        self.automation = SqlAutomationRepository(session, tenant)
        self.predictions = SqlPredictionLog(session, tenant)
        self.blind_sample = SqlBlindSample(session, tenant)
        self.edits = SqlEditLog(session, tenant)
        self.suggestions = SqlSuggestionRepository(session, tenant)
        self.solved_cases = SqlSolvedCaseRepository(session, tenant)

    @property
    def aging_stores(self) -> tuple[AgingStore, ...]:
        """Tables whose records end by their own age."""
        return aging_stores(self._session, self._tenant)

    @property
    def personal_stores(self) -> tuple[PersonalStore, ...]:
        """Every table with personal data; jobs first, so that none works on a ticket that goes."""
        mine = self._session, self._tenant
        return (PersonalJobs(*mine), PersonalAnswers(*mine), *personal_tables(*mine))

    def commit(self) -> None:
        """Make everything done in this unit of work durable."""
        self._session.commit()


@dataclass(frozen=True, slots=True)
class SqlUnitOfWorkFactory:
    """Opens units of work; a unit that is not committed is rolled back."""

    sessions: sessionmaker[Session]
    clock: Clock
    app: procrastinate.App
    seal: Seal

    @contextmanager
    def __call__(self, tenant: str) -> Iterator[SqlUnitOfWork]:
        """Begin a transaction for ``tenant``.

        Raises:
            StorageUnavailable: the database went away, or had no connection free in time.
        """
        with session_of(self.sessions) as session:
            yield SqlUnitOfWork(session, tenant, self.clock, self.app, self.seal)
