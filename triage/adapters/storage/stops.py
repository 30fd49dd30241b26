"""Stored emergency stops."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.stops import EVERYBODY, Stop

_table = rows.stops
_SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('stops', 0))")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('stops', 0))")


class SqlStops:
    """The stops one tenant is under; answers to the ``StopSwitch`` port.

    Who asks holds a shared lock to the end of their transaction and who presses waits for it: once a stop is committed,
    every claim was either committed before it or has seen it.
    """

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def in_force(self) -> Stop | None:
        """The stop the tenant is under, its own or everybody's."""
        self._session.execute(_SHARED)
        query = select(_table).where(_table.c.tenant.in_((self._tenant, EVERYBODY)))
        row = self._session.execute(query.order_by(_table.c.tenant)).first()
        return _stop(row) if row else None

    def press(self, stop: Stop) -> bool:
        """Begin a stop; ``False`` when it was pressed before."""
        self._session.execute(_ALONE)
        values = {"tenant": stop.tenant, "actor": stop.actor, "reason": stop.reason, "at": stop.at}
        statement = upsert(_table).values(values).on_conflict_do_nothing().returning(_table.c.tenant)
        return self._session.execute(statement).first() is not None

    def lift(self, tenant: str) -> bool:
        """End a stop; ``False`` when there was none."""
        statement = delete(_table).where(_table.c.tenant == tenant).returning(_table.c.tenant)
        return self._session.execute(statement).first() is not None

    def tenants_waiting(self) -> tuple[str, ...]:
        """Tenants with approved replies that were not claimed yet."""
        table = rows.approvals
        found = select(func.distinct(table.c.tenant)).where(table.c.state == "granted")
        return tuple(self._session.execute(found).scalars())


def _stop(row: Row[Any]) -> Stop:
    return Stop(row.tenant, row.actor, row.reason, row.at)
