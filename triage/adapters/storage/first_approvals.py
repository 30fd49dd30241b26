"""Stored first approvals: at most one a case, replaced by a newer one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.four_eyes import FirstApproval

_table = rows.first_approvals


class SqlFirstApprovals:
    """First approvals of one tenant; answers to the ``FirstApprovals`` port."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def of_case(self, case_id: str) -> FirstApproval | None:
        """The newest first approval of a case, whether or not it still stands."""
        query = select(_table).where(_table.c.tenant == self._tenant, _table.c.case_id == case_id)
        row = self._session.execute(query).first()
        if row is None:
            return None
        return FirstApproval(
            case_id, row.actor, row.case_version, row.draft_digest, tuple(row.confirmed), row.approved_at
        )

    def keep(self, first: FirstApproval) -> None:
        """Store a first approval in place of an older one."""
        values = {
            "actor": first.actor,
            "case_version": first.case_version,
            "draft_digest": first.draft_digest,
            "confirmed": list(first.confirmed),
            "approved_at": first.approved_at,
        }
        statement = upsert(_table).values(values | {"tenant": self._tenant, "case_id": first.case_id})
        self._session.execute(
            statement.on_conflict_do_update(index_elements=[_table.c.tenant, _table.c.case_id], set_=values)
        )
