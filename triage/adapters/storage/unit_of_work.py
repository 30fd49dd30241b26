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
from triage.adapters.storage.jobs import SqlJobQueue
from triage.adapters.storage.sessions import session_of
from triage.adapters.storage.tickets import SqlTicketRepository
from triage.ports import Clock


class SqlUnitOfWork:
    """Repositories that share one session; see :class:`triage.ports.UnitOfWork`."""

    def __init__(self, session: Session, tenant: str, clock: Clock, app: procrastinate.App) -> None:
        self._session = session
        self.tickets = SqlTicketRepository(session, tenant)
        self.cases = SqlCaseRepository(session, tenant)
        self.approvals = SqlApprovalRepository(session, tenant)
        self.audit = SqlAuditLog(session, tenant, clock)
        self.jobs = SqlJobQueue(session, app)

    def commit(self) -> None:
        """Make everything done in this unit of work durable."""
        self._session.commit()


@dataclass(frozen=True, slots=True)
class SqlUnitOfWorkFactory:
    """Opens units of work; a unit that is not committed is rolled back."""

    sessions: sessionmaker[Session]
    clock: Clock
    app: procrastinate.App

    @contextmanager
    def __call__(self, tenant: str) -> Iterator[SqlUnitOfWork]:
        """Begin a transaction for ``tenant``.

        Raises:
            StorageUnavailable: the database went away, or had no connection free in time.
        """
        with session_of(self.sessions) as session:
            yield SqlUnitOfWork(session, tenant, self.clock, self.app)
