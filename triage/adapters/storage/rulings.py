"""Rulings on questions. What is settled is on the tenant's audit log, in the same transaction, without the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base.rulings import RulingKind
from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.rulings import DeskRuling, RulingState, Votes
from triage.errors import AlreadyDecided
from triage.ports import Clock

_table = rows.rulings
_IN_FORCE = RulingState.IN_FORCE


@dataclass(frozen=True, slots=True)
class SqlRulingStore:
    """A :class:`triage.ports.library.RulingStore` on PostgreSQL."""

    sessions: sessionmaker[Session]
    clock: Clock

    def find(self, tenant: str, ruling_ids: Sequence[str]) -> tuple[DeskRuling, ...]:
        """Those of the rulings that there are."""
        return self._read(_table.c.tenant == tenant, _table.c.id.in_(ruling_ids))

    def put(self, tenant: str, ruling: DeskRuling, *, before: RulingState | None, actor: str) -> None:
        """Store a ruling that was read in the state ``before``."""
        values = _values(ruling)
        new = insert(_table).values(values | {"tenant": tenant})
        changed = {name: value for name, value in values.items() if name != "id"}
        known = _table.c.state == (before.value if before else "")
        stored = new.on_conflict_do_update(constraint=_table.primary_key, set_=changed, where=known)
        with session_of(self.sessions) as session:
            if session.execute(stored.returning(_table.c.id)).first() is None:
                raise AlreadyDecided("This ruling was settled meanwhile: read it again.")
            if ruling.state is not before and (ruling.settled_by or _IN_FORCE in (ruling.state, before)):
                subject = f"{ruling.document_id}@{ruling.document_version}" if ruling.document_id else ruling.id
                detail = {
                    "ruling": ruling.id, "kind": ruling.kind.value, "helped": str(ruling.votes.helped),
                    "did_not": str(ruling.votes.did_not),
                }  # fmt: skip
                log = SqlAuditLog(session, tenant, self.clock)
                log.append(actor=actor, action=f"ruling_{ruling.state.value}", subject=subject, detail=detail)
            session.commit()

    def all(self, tenant: str, states: Sequence[RulingState] = (), *, limit: int) -> tuple[DeskRuling, ...]:
        """Rulings in some states, those that most people stand for first."""
        wanted = [_table.c.state.in_([state.value for state in states])] if states else []
        return self._read(_table.c.tenant == tenant, *wanted, limit=limit)

    def in_force(self, tenant: str) -> tuple[DeskRuling, ...]:
        """What search is to hold to, by id."""
        found = self._read(_table.c.tenant == tenant, _table.c.state == _IN_FORCE.value)
        return tuple(sorted(found, key=lambda ruling: ruling.id))

    def stamp(self, tenant: str) -> str:
        """Names the state of what is in force; empty while nothing is."""
        facts = func.concat_ws("\n", _table.c.id, _table.c.kind, _table.c.question, cast(_table.c.passages, Text))
        whole = func.md5(func.string_agg(facts, aggregate_order_by(literal("\x1e"), _table.c.id)))
        where = (_table.c.tenant == tenant, _table.c.state == _IN_FORCE.value)
        with session_of(self.sessions) as session:
            return session.execute(select(whole).where(*where)).scalar() or ""

    def tenants(self) -> tuple[str, ...]:
        """Who has rulings in force."""
        query = select(_table.c.tenant).where(_table.c.state == _IN_FORCE.value).distinct().order_by(_table.c.tenant)
        with session_of(self.sessions) as session:
            return tuple(session.execute(query).scalars())

    def _read(self, *where: ColumnElement[bool], limit: int | None = None) -> tuple[DeskRuling, ...]:
        people = _table.c.helped + _table.c.did_not
        query = select(_table).where(*where).order_by(people.desc(), _table.c.changed_at.desc(), _table.c.id)
        with session_of(self.sessions) as session:
            return tuple(_ruling(row) for row in session.execute(query.limit(limit)))


def _values(ruling: DeskRuling) -> dict[str, Any]:
    return {
        "id": ruling.id,
        "kind": ruling.kind.value,
        "question": ruling.question,
        "language": ruling.language,
        "document_id": ruling.document_id,
        "document_version": ruling.document_version,
        "section": list(ruling.section),
        "passages": list(ruling.passages),
        "helped": ruling.votes.helped,
        "did_not": ruling.votes.did_not,
        "state": ruling.state.value,
        "changed_at": ruling.changed_at,
        "settled_by": ruling.settled_by,
    }


def _ruling(row: Row[Any]) -> DeskRuling:
    return DeskRuling(
        id=row.id,
        kind=RulingKind(row.kind),
        question=row.question,
        language=row.language,
        document_id=row.document_id,
        document_version=row.document_version,
        section=tuple(row.section),
        passages=tuple(row.passages),
        votes=Votes(row.helped, row.did_not),
        state=RulingState(row.state),
        changed_at=row.changed_at,
        settled_by=row.settled_by,
    )
