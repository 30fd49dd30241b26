"""Bulk intakes that can be followed and continued: how many lines are stored, and what became of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.sessions import session_of
from triage.domain.intake import ImportProgress, ImportState, LineFault
from triage.errors import Conflict, NotFound
from triage.ports import Clock

MAX_FAULTS = 1000
_table, _members = rows.imports, rows.import_tickets


@dataclass(frozen=True, slots=True)
class SqlImports:
    """Imports of all tenants."""

    sessions: sessionmaker[Session]
    clock: Clock

    def start(self, tenant: str, *, actor: str) -> ImportProgress:
        """Begin an import of no lines yet."""
        now = self.clock.now()
        begun = {"state": "open", "lines": 0, "created": 0, "known": 0, "failed": 0, "faults": []}
        values = begun | {"tenant": tenant, "id": f"imp_{uuid.uuid4().hex}", "created_by": actor}
        with session_of(self.sessions) as session:
            stored = insert(_table).values(values | {"started_at": now, "updated_at": now}).returning(_table)
            row = session.execute(stored).one()
            session.commit()
        return _progress(row, waiting=0)

    def get(self, tenant: str, import_id: str) -> ImportProgress:
        """How far an import is, and how many of its tickets still wait for their triage.

        Raises:
            NotFound: no such import in this tenant.
        """
        members, cases = _members.c, rows.cases.c
        joined = (cases.tenant == members.tenant) & (cases.ticket_id == members.ticket_id)
        waiting = select(func.count()).select_from(_members.join(rows.cases, joined))
        waiting = waiting.where(members.tenant == tenant, members.import_id == import_id, cases.state == "received")
        with session_of(self.sessions) as session:
            row = session.execute(select(_table).where(_table.c.tenant == tenant, _table.c.id == import_id)).first()
            if row is None:
                raise NotFound("There is no such import.")
            return _progress(row, waiting=session.execute(waiting).scalar_one())

    def advance(
        self,
        before: ImportProgress,
        after: ImportProgress,
        tickets: Sequence[str],
    ) -> None:
        """Store that ``after`` follows ``before``, with the ids of the tickets in between.

        Raises:
            Conflict: somebody else sends lines of this import at the same time.
        """
        where = (_table.c.tenant == before.tenant, _table.c.id == before.id, _table.c.lines == before.lines)
        values = {
            "lines": after.lines,
            "created": after.created,
            "known": after.known,
            "failed": after.failed,
            "faults": [asdict(fault) for fault in after.faults[:MAX_FAULTS]],
            "state": after.state.value,
            "updated_at": self.clock.now(),
        }
        with session_of(self.sessions) as session:
            if session.execute(update(_table).where(*where).values(values).returning(_table.c.id)).first() is None:
                raise Conflict("Lines of this import are being sent by another request: read it and go on from there.")
            if tickets:
                member = {"tenant": before.tenant, "import_id": before.id}
                listed = [member | {"ticket_id": ticket} for ticket in dict.fromkeys(tickets)]
                session.execute(upsert(_members).on_conflict_do_nothing(), listed)
            session.commit()


def _progress(row: Row[Any], *, waiting: int) -> ImportProgress:
    return ImportProgress(
        tenant=row.tenant,
        id=row.id,
        state=ImportState(row.state),
        lines=row.lines,
        created=row.created,
        known=row.known,
        failed=row.failed,
        faults=tuple(LineFault(**fault) for fault in row.faults),
        waiting=waiting,
        started_at=row.started_at,
        updated_at=row.updated_at,
    )
