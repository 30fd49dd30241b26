"""How old things are: cases by their newest message, other records by their own date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.case import CaseState
from triage.domain.privacy import PSEUDONYM
from triage.ports.privacy import AgedCase

_SETTLED = (CaseState.SENT.value, CaseState.REJECTED.value)


class SqlCaseAges:
    """One tenant's cases, with what the retention schedule asks of them."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def all(self) -> list[AgedCase]:
        """Every case, by id; those of erased people too, whose term runs on."""
        cases, messages, tickets = rows.cases, rows.messages, rows.tickets
        newest = (
            select(messages.c.ticket_id, func.max(messages.c.at).label("at"))
            .where(messages.c.tenant == self._tenant)
            .group_by(messages.c.ticket_id)
            .subquery()
        )
        query = (
            select(
                cases.c.ticket_id,
                cases.c.category,
                cases.c.document["classification"]["buyer"].astext.label("buyer"),
                cases.c.state,
                func.coalesce(newest.c.at, tickets.c.received_at).label("at"),
                tickets.c.requester_name.startswith(PSEUDONYM).label("erased"),
            )
            .join(tickets, (tickets.c.tenant == cases.c.tenant) & (tickets.c.id == cases.c.ticket_id))
            .outerjoin(newest, newest.c.ticket_id == cases.c.ticket_id)
            .where(cases.c.tenant == self._tenant)
            .order_by(cases.c.ticket_id)
        )
        return [
            # nobody can answer an erased person any more, so such a case is settled whatever its state
            AgedCase(
                row.ticket_id,
                row.category,
                row.buyer or "unknown",
                row.erased or row.state in _SETTLED,
                row.at,
            )
            for row in self._session.execute(query)
        ]


@dataclass(frozen=True, slots=True)
class SqlAgingStore:
    """Records of one table that end by their own age; see :class:`triage.ports.privacy.AgingStore`.

    Attributes:
        older: the statement's ``FROM … WHERE``, with ``:tenant`` and ``:moment``.
    """

    session: Session
    tenant: str
    name: str
    older: str

    def count_before(self, moment: datetime) -> int:
        """How many records are older."""
        found = self.session.execute(text(f"SELECT count(*) {self.older}"), self._values(moment))
        return int(found.scalar_one())

    def delete_before(self, moment: datetime) -> int:
        """Delete them; the append-only register lets go only of what its term has ended for."""
        self.session.execute(_RETENTION)
        return len(self.session.execute(text(f"DELETE {self.older} RETURNING 1"), self._values(moment)).all())

    def _values(self, moment: datetime) -> dict[str, object]:
        return {"tenant": self.tenant, "moment": moment}


_RETENTION: TextClause = text("SELECT set_config('triage.retention', 'on', true)")
_OLDER = {
    "safety_register": "FROM safety_register WHERE tenant = :tenant AND registered_at < :moment",
    "searches": "FROM searches WHERE tenant = :tenant AND at < :moment",
    "rulings": "FROM rulings WHERE tenant = :tenant AND changed_at < :moment AND state <> 'in_force'",
    "idempotency": "FROM idempotency WHERE tenant = :tenant AND created_at < :moment",
    "jobs": (
        "FROM procrastinate_jobs WHERE args ->> 'tenant' = :tenant AND status NOT IN ('todo', 'doing')"
        " AND NOT EXISTS (SELECT 1 FROM procrastinate_events event WHERE event.job_id = procrastinate_jobs.id"
        " AND event.at >= :moment)"
    ),
}


def aging_stores(session: Session, tenant: str) -> tuple[SqlAgingStore, ...]:
    """Every table whose records end by their own age."""
    return tuple(SqlAgingStore(session, tenant, name, older) for name, older in _OLDER.items())
