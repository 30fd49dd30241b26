"""Kept searches and verdicts on their answers; queries come here redacted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.sessions import session_of
from triage.domain.library import Hit, KeptSearch, Said, Verdict
from triage.errors import InvalidInput, NotFound

_searches, _verdicts = rows.searches, rows.search_verdicts
_WHOLE_ANSWER = ""


@dataclass(frozen=True, slots=True)
class SqlSearchLog:
    """A :class:`triage.ports.library.SearchLog` on PostgreSQL."""

    sessions: sessionmaker[Session]

    def keep(self, tenant: str, search: KeptSearch) -> None:
        """Store a search."""
        with session_of(self.sessions) as session:
            session.execute(insert(_searches).values(asdict(search) | {"tenant": tenant}))
            session.commit()

    def judge(self, tenant: str, verdicts: Sequence[Verdict]) -> None:
        """Store verdicts; a newer one of the same person on the same passage replaces the older."""
        with session_of(self.sessions) as session:
            for verdict in verdicts:
                _check_shown(session, tenant, verdict)
                new = insert(_verdicts).values(
                    asdict(verdict) | {"tenant": tenant, "passage_id": verdict.passage_id or _WHOLE_ANSWER}
                )
                replaced = {"helpful": new.excluded.helpful, "at": new.excluded.at}
                session.execute(new.on_conflict_do_update(constraint=_verdicts.primary_key, set_=replaced))
            session.commit()

    def search(self, tenant: str, search_id: str) -> KeptSearch:
        """A kept search."""
        query = select(_searches).where(_searches.c.tenant == tenant, _searches.c.id == search_id)
        with session_of(self.sessions) as session:
            row = session.execute(query).first()
        if row is None:
            raise NotFound("There is no such search.")
        return _search(row)

    def said_of(self, tenant: str, passage_id: str | None, *, since: datetime) -> tuple[Said, ...]:
        """Verdicts on a passage, or (without one) on whole answers that no filter narrowed, oldest first."""
        joined = (_verdicts.c.tenant == _searches.c.tenant) & (_verdicts.c.search_id == _searches.c.id)
        where = [_verdicts.c.tenant == tenant, _verdicts.c.at >= since, _verdicts.c.passage_id == (passage_id or "")]
        if passage_id is None:
            where.append(~_searches.c.narrowed)
        said = select(_searches.c.query, _verdicts.c.helpful, _verdicts.c.actor, _verdicts.c.at)
        query = said.join_from(_verdicts, _searches, joined).where(*where).order_by(_verdicts.c.at)
        with session_of(self.sessions) as session:
            return tuple(Said(row.query, row.helpful, row.actor, row.at) for row in session.execute(query))

    def searches(self, tenant: str, *, since: datetime, limit: int) -> tuple[KeptSearch, ...]:
        """The newest searches, newest first."""
        query = select(_searches).where(_searches.c.tenant == tenant, _searches.c.at >= since)
        with session_of(self.sessions) as session:
            found = session.execute(query.order_by(_searches.c.at.desc(), _searches.c.id).limit(limit))
            return tuple(_search(row) for row in found)

    def verdicts(self, tenant: str, *, since: datetime) -> tuple[Verdict, ...]:
        """Verdicts on searches since then, oldest first."""
        query = select(_verdicts).where(_verdicts.c.tenant == tenant, _verdicts.c.at >= since)
        with session_of(self.sessions) as session:
            found = session.execute(query.order_by(_verdicts.c.at, _verdicts.c.search_id, _verdicts.c.passage_id))
            return tuple(
                Verdict(row.search_id, row.passage_id or None, row.helpful, row.actor, row.at) for row in found
            )


def _check_shown(session: Session, tenant: str, verdict: Verdict) -> None:
    where = (_searches.c.tenant == tenant, _searches.c.id == verdict.search_id)
    row = session.execute(select(_searches.c.hits, _searches.c.nearest).where(*where)).first()
    if row is None:
        raise NotFound("There is no such search.")
    if verdict.passage_id and verdict.passage_id not in {hit["passage_id"] for hit in (*row.hits, *row.nearest)}:
        raise InvalidInput("The search did not show that passage: judge one of those it showed, or the whole answer.")


def _search(row: Row[Any]) -> KeptSearch:
    hits, nearest = (tuple(map(_hit, shown)) for shown in (row.hits, row.nearest))
    return KeptSearch(row.id, row.at, row.actor, row.query, row.language, row.generation, hits, nearest, row.narrowed)


def _hit(row: dict[str, Any]) -> Hit:
    return Hit(row["passage_id"], row["relevance"], row.get("key", ""), tuple(row.get("section", ())))
