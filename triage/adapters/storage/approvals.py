"""Stored approvals of one tenant; a partial unique index allows one open approval per case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.reply import Approval, Delivery
from triage.domain.ticket import Channel
from triage.errors import AlreadyDecided, NotFound
from triage.ports import ApprovalRecord


class SqlApprovalRepository:
    """Approvals and what became of them."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, approval: Approval) -> None:
        """Store a granted approval.

        Raises:
            AlreadyDecided: the case has an open approval.
        """
        values = {
            "tenant": self._tenant,
            "id": approval.id,
            "case_id": approval.case_id,
            "actor": approval.actor,
            "first_actor": approval.first_actor,
            "case_version": approval.case_version,
            "ticket_revision": approval.ticket_revision,
            "draft_digest": approval.draft_digest,
            "recipients": list(approval.recipients),
            "channel": approval.channel.value,
            "approved_at": approval.approved_at,
            "expires_at": approval.expires_at,
            "confirmed": list(approval.confirmed),
            "state": "granted",
        }
        try:
            self._session.execute(insert(rows.approvals).values(values))
        except IntegrityError as exc:
            if "approvals_one_open_per_case" in str(exc.orig):
                raise AlreadyDecided() from exc
            raise

    def get(self, approval_id: str, *, for_update: bool = False) -> ApprovalRecord:
        """Return an approval.

        Raises:
            NotFound: no such approval in this tenant.
        """
        table = rows.approvals
        query = self._select().where(table.c.id == approval_id)
        found = self._session.execute(query.with_for_update() if for_update else query).first()
        if found is None:
            raise NotFound(f"There is no approval {approval_id!r}.")
        return _record(found)

    def of_case(self, case_id: str) -> tuple[ApprovalRecord, ...]:
        """All approvals of a case, oldest first."""
        table = rows.approvals
        query = self._select().where(table.c.case_id == case_id)
        return tuple(_record(row) for row in self._session.execute(query.order_by(table.c.approved_at, table.c.id)))

    def granted(self) -> tuple[Approval, ...]:
        """Approvals whose reply was not claimed yet, oldest first."""
        table = rows.approvals
        query = self._select().where(table.c.state == "granted")
        return tuple(_record(row).approval for row in self._session.execute(query.order_by(table.c.approved_at)))

    def mark(self, approval_id: str, state: str, delivery: Delivery | None = None) -> None:
        """Record what happened to an approval."""
        values: dict[str, Any] = {"state": state, "retry_at": None}
        if delivery is not None:
            values |= {"reference": delivery.reference, "delivered_at": delivery.delivered_at}
        self._update(approval_id, values)

    def put_off(self, approval_id: str, wait: timedelta) -> None:
        """Have a reply claimed, or read back, later."""
        self._update(approval_id, {"retry_at": func.now() + wait})

    def defer(self, approval_id: str, wait: timedelta, because: str) -> None:
        """Put a claimed approval back to ``granted`` and its reply off."""
        counted = {"state": "granted", "deferrals": rows.approvals.c.deferrals + 1, "deferred_because": because}
        self._update(approval_id, counted | {"retry_at": func.now() + wait})

    def wake(self) -> tuple[Approval, ...]:
        """End the wait of every reply that was put off; what is being claimed at this moment is left alone."""
        table = rows.approvals
        waits = (table.c.state == "granted", table.c.retry_at.is_not(None))
        query = self._select().where(*waits).order_by(table.c.approved_at).with_for_update(skip_locked=True)
        woken = tuple(_record(row).approval for row in self._session.execute(query))
        ended = (table.c.tenant == self._tenant, table.c.id.in_([one.id for one in woken]))
        self._session.execute(update(table).where(*ended).values(retry_at=None))
        return woken

    def _update(self, approval_id: str, values: dict[str, Any]) -> None:
        table = rows.approvals
        where = (table.c.tenant == self._tenant, table.c.id == approval_id)
        self._session.execute(update(table).where(*where).values(values))

    def _select(self) -> Select[Any]:
        table = rows.approvals
        waits = func.coalesce(table.c.retry_at > func.now(), False).label("waits")
        return select(table, waits).where(table.c.tenant == self._tenant)


def _record(row: Row[Any]) -> ApprovalRecord:
    approval = Approval(
        id=row.id,
        tenant=row.tenant,
        case_id=row.case_id,
        actor=row.actor,
        first_actor=row.first_actor,
        case_version=row.case_version,
        ticket_revision=row.ticket_revision,
        draft_digest=row.draft_digest,
        recipients=tuple(row.recipients),
        channel=Channel(row.channel),
        approved_at=row.approved_at,
        expires_at=row.expires_at,
        confirmed=tuple(row.confirmed),
    )
    delivery = Delivery(row.id, row.reference, row.delivered_at) if row.reference else None
    return ApprovalRecord(approval, row.state, delivery, row.deferrals, row.deferred_because, row.retry_at, row.waits)
