"""Reading the audit log back: pages of entries, and whether the chain is whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import verify
from triage.adapters.storage.sessions import session_of
from triage.domain.records import AuditEntry


@dataclass(frozen=True, slots=True)
class SqlAuditTrail:
    """Audit entries of one tenant at a time."""

    sessions: sessionmaker[Session]

    def entries(self, tenant: str, *, subject: str | None = None, limit: int, after: int = 0) -> tuple[AuditEntry, ...]:
        """Entries in order, of one case or key when ``subject`` is given; ``after`` is a position."""
        table = rows.audit
        query = select(table).where(table.c.tenant == tenant, table.c.position > after)
        if subject is not None:
            query = query.where(table.c.subject == subject)
        with session_of(self.sessions) as session:
            found = session.execute(query.order_by(table.c.position).limit(limit))
            return tuple(
                AuditEntry(row.position, row.at, row.actor, row.action, row.subject, row.detail, row.digest.hex())
                for row in found
            )

    def first_broken(self, tenant: str) -> int | None:
        """Position of the first entry that breaks the chain, or ``None`` when it is whole."""
        with session_of(self.sessions) as session:
            return verify(session, tenant)
