"""Stored webhook endpoints. Their changes are on the tenant's audit log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.case import CaseState
from triage.domain.outbound import EndpointStatus, WebhookEndpoint
from triage.errors import Conflict, NotFound
from triage.ports import Clock

MOST_ENDPOINTS = 20
_endpoints = rows.webhook_endpoints


@dataclass(frozen=True, slots=True)
class SqlWebhookEndpoints:
    """Endpoints of all tenants."""

    sessions: sessionmaker[Session]
    clock: Clock

    def add(self, endpoint: WebhookEndpoint, *, actor: str) -> None:
        """Store a new endpoint.

        Raises:
            Conflict: the tenant has as many as it may have.
        """
        with session_of(self.sessions) as session:
            mine = select(func.count()).select_from(_endpoints).where(_endpoints.c.tenant == endpoint.tenant)
            if session.execute(mine).scalar_one() >= MOST_ENDPOINTS:
                raise Conflict(f"There may be at most {MOST_ENDPOINTS} webhook endpoints: remove one first.")
            session.execute(insert(_endpoints).values(_endpoint_row(endpoint)))
            self._audit(session, endpoint, "webhook_added", actor)
            session.commit()

    def get(self, tenant: str, endpoint_id: str) -> WebhookEndpoint:
        """Return an endpoint.

        Raises:
            NotFound: no such endpoint in this tenant.
        """
        with session_of(self.sessions) as session:
            return self._read(session, tenant, endpoint_id)

    def of_tenant(self, tenant: str) -> tuple[WebhookEndpoint, ...]:
        """All endpoints of a tenant, oldest first."""
        query = select(_endpoints).where(_endpoints.c.tenant == tenant)
        with session_of(self.sessions) as session:
            found = session.execute(query.order_by(_endpoints.c.created_at, _endpoints.c.id))
            return tuple(_endpoint(row) for row in found)

    def set_status(self, tenant: str, endpoint_id: str, status: EndpointStatus, *, actor: str) -> None:
        """Pause, resume or disable an endpoint.

        Raises:
            NotFound: no such endpoint in this tenant.
        """
        self._change(tenant, endpoint_id, {"status": status.value}, f"webhook_{status.value}", actor)

    def rotate(self, tenant: str, endpoint_id: str, *, actor: str) -> WebhookEndpoint:
        """Begin the endpoint's next secret; the one before still signs for a day.

        Raises:
            NotFound: no such endpoint in this tenant.
        """
        now = self.clock.now()
        values = {"generation": _endpoints.c.generation + 1, "rotated_at": now}
        return self._change(tenant, endpoint_id, values, "webhook_rotated", actor)

    def remove(self, tenant: str, endpoint_id: str, *, actor: str) -> None:
        """Delete an endpoint with its deliveries.

        Raises:
            NotFound: no such endpoint in this tenant.
        """
        with session_of(self.sessions) as session:
            endpoint = self._read(session, tenant, endpoint_id)
            session.execute(delete(_endpoints).where(*is_row(_endpoints, tenant, endpoint_id)))
            self._audit(session, endpoint, "webhook_removed", actor)
            session.commit()

    def _change(
        self, tenant: str, endpoint_id: str, values: dict[str, Any], action: str, actor: str
    ) -> WebhookEndpoint:
        with session_of(self.sessions) as session:
            changed = update(_endpoints).where(*is_row(_endpoints, tenant, endpoint_id)).values(values)
            row = session.execute(changed.returning(_endpoints)).first()
            if row is None:
                raise NotFound("There is no such webhook endpoint.")
            self._audit(session, _endpoint(row), action, actor)
            session.commit()
        return _endpoint(row)

    def _read(self, session: Session, tenant: str, endpoint_id: str) -> WebhookEndpoint:
        row = session.execute(select(_endpoints).where(*is_row(_endpoints, tenant, endpoint_id))).first()
        if row is None:
            raise NotFound("There is no such webhook endpoint.")
        return _endpoint(row)

    def _audit(self, session: Session, endpoint: WebhookEndpoint, action: str, actor: str) -> None:
        log = SqlAuditLog(session, endpoint.tenant, self.clock)
        log.append(actor=actor, action=action, subject=endpoint.id, detail={"generation": str(endpoint.generation)})


def is_row(table: Any, tenant: str, row_id: str) -> tuple[Any, Any]:  # noqa: ANN401  (a table of webhooks)
    """Which row of a table is meant."""
    return table.c.tenant == tenant, table.c.id == row_id


def _endpoint_row(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "tenant": endpoint.tenant,
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "states": sorted(state.value for state in endpoint.states),
        "status": endpoint.status.value,
        "generation": endpoint.generation,
        "rotated_at": endpoint.rotated_at,
        "created_at": endpoint.created_at,
    }


def _endpoint(row: Row[Any]) -> WebhookEndpoint:
    return WebhookEndpoint(
        row.tenant,
        row.id,
        row.url,
        row.description,
        frozenset(map(CaseState, row.states)),
        EndpointStatus(row.status),
        row.generation,
        row.rotated_at,
        row.created_at,
    )
