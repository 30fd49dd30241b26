"""Stored deliveries of webhooks: what waits, what was tried, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, tuple_, update

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.adapters.storage.webhook_endpoints import SqlWebhookEndpoints, is_row
from triage.domain.case import CaseState
from triage.domain.outbound import DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from triage.errors import NotFound

FINISHED_KEPT = timedelta(days=30)
_deliveries, _attempts = rows.webhook_deliveries, rows.webhook_attempts

# a few of each endpoint, so that one with a long backlog, or a slow one, does not hold up the others
_DUE = text("""
SELECT due.tenant, due.id
  FROM webhook_endpoints endpoint CROSS JOIN LATERAL (
       SELECT delivery.tenant, delivery.id FROM webhook_deliveries delivery
        WHERE delivery.tenant = endpoint.tenant AND delivery.endpoint_id = endpoint.id
          AND delivery.status = 'waiting' AND delivery.next_at <= :now
        ORDER BY delivery.next_at LIMIT 8 FOR UPDATE SKIP LOCKED) due
 WHERE endpoint.status = 'active' LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class SqlWebhooks(SqlWebhookEndpoints):
    """Deliveries of all tenants, beside their endpoints."""

    def deliveries(
        self, tenant: str, endpoint_id: str, *, status: DeliveryStatus | None = None, limit: int, after: str | None
    ) -> tuple[WebhookDelivery, ...]:
        """Deliveries of an endpoint, newest first; ``after`` is the last id of the page before.

        Raises:
            NotFound: no such endpoint, or no such delivery to continue after.
        """
        table, newest = _deliveries, (_deliveries.c.at, _deliveries.c.id)
        query = select(table).where(table.c.tenant == tenant, table.c.endpoint_id == endpoint_id)
        with session_of(self.sessions) as session:
            self._read(session, tenant, endpoint_id)
            if status is not None:
                query = query.where(table.c.status == status.value)
            if after is not None:
                last = session.execute(select(*newest).where(*is_row(table, tenant, after))).first()
                if last is None:
                    raise NotFound("There is no such delivery to continue after.")
                query = query.where(tuple_(*newest) < tuple_(*last))
            found = session.execute(query.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit))
            return tuple(_delivery(row) for row in found)

    def attempts(self, tenant: str, delivery_id: str) -> tuple[WebhookAttempt, ...]:
        """What every attempt of a delivery came to.

        Raises:
            NotFound: no such delivery in this tenant.
        """
        with session_of(self.sessions) as session:
            if (
                session.execute(select(_deliveries.c.id).where(*is_row(_deliveries, tenant, delivery_id))).first()
                is None
            ):
                raise NotFound("There is no such delivery.")
            mine = (_attempts.c.tenant == tenant, _attempts.c.delivery_id == delivery_id)
            found = session.execute(select(_attempts).where(*mine).order_by(_attempts.c.number))
            return tuple(WebhookAttempt(r.number, r.at, r.duration_ms, r.http_status, r.error) for r in found)

    def replay(self, tenant: str, delivery_id: str, *, actor: str) -> None:
        """Send a delivery once more, under its old id; one that still waits goes out at once.

        Raises:
            NotFound: no such delivery in this tenant.
        """
        now = self.clock.now()
        again = (
            update(_deliveries).where(*is_row(_deliveries, tenant, delivery_id)).returning(_deliveries.c.endpoint_id)
        )
        with session_of(self.sessions) as session:
            found = session.execute(again.values(status="waiting", next_at=now, finished_at=None)).first()
            if found is None:
                raise NotFound("There is no such delivery.")
            log = SqlAuditLog(session, tenant, self.clock)
            log.append(actor=actor, action="webhook_replayed", subject=found.endpoint_id, detail={"id": delivery_id})
            session.commit()

    def take_due(
        self, now: datetime, *, limit: int, until: datetime
    ) -> Sequence[tuple[WebhookEndpoint, WebhookDelivery]]:
        """Take deliveries that are due, a few of each endpoint; nobody else gets them before ``until``."""
        with session_of(self.sessions) as session:
            due = session.execute(_DUE, {"now": now, "limit": limit}).all()
            taken: list[tuple[WebhookEndpoint, WebhookDelivery]] = []
            for tenant, delivery_id in due:
                leased = update(_deliveries).where(*is_row(_deliveries, tenant, delivery_id)).returning(_deliveries)
                row = session.execute(leased.values(attempts=_deliveries.c.attempts + 1, next_at=until)).one()
                taken.append((self._read(session, tenant, row.endpoint_id), _delivery(row)))
            session.commit()
        return taken

    def record(
        self, delivery: WebhookDelivery, attempt: WebhookAttempt, status: DeliveryStatus, next_at: datetime
    ) -> bool:
        """Write an attempt's outcome; ``False`` when somebody else has taken the delivery meanwhile."""
        where = (*is_row(_deliveries, delivery.tenant, delivery.id), _deliveries.c.attempts == attempt.number)
        finished = None if status is DeliveryStatus.WAITING else attempt.at
        values = {"status": status.value, "next_at": next_at, "finished_at": finished}
        log = {
            "tenant": delivery.tenant,
            "delivery_id": delivery.id,
            "number": attempt.number,
            "at": attempt.at,
            "duration_ms": attempt.duration_ms,
            "http_status": attempt.http_status,
            "error": attempt.error,
        }
        with session_of(self.sessions) as session:
            mine = session.execute(update(_deliveries).where(*where).values(values).returning(_deliveries.c.id)).first()
            if mine is not None:
                session.execute(insert(_attempts).values(log))
            session.commit()
        return mine is not None

    def forget_old(self) -> int:
        """Delete deliveries that ended more than 30 days ago; returns how many."""
        old = delete(_deliveries).where(_deliveries.c.finished_at <= self.clock.now() - FINISHED_KEPT)
        with session_of(self.sessions) as session:
            forgotten = len(session.execute(old.returning(_deliveries.c.id)).all())
            session.commit()
        return forgotten


def _delivery(row: Row[Any]) -> WebhookDelivery:
    return WebhookDelivery(
        row.tenant,
        row.id,
        row.endpoint_id,
        row.ticket_id,
        CaseState(row.state),
        row.version,
        row.at,
        DeliveryStatus(row.status),
        row.attempts,
        row.next_at,
        row.finished_at,
    )
