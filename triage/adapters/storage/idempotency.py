"""Answers to requests that carried an Idempotency-Key, kept for 24 hours.

A request reserves its key before it does anything (a row of status 0). A second one that comes meanwhile is refused;
one that comes later gets the kept answer. A reservation whose process died is free again after :data:`LEASE`: what it
guards is fenced by versions and ids of its own, so doing it twice does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, cast, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.personal import naming
from triage.adapters.storage.sessions import session_of
from triage.domain.records import KeptAnswer
from triage.errors import Conflict, SubjectErased, default_message
from triage.ports import Clock
from triage.ports.privacy import Erasure, Subject

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=5)
_PENDING = 0
_GONE = 410
_table = rows.idempotency


@dataclass(frozen=True, slots=True)
class SqlAnswerStore:
    """Kept answers by tenant, route and key."""

    sessions: sessionmaker[Session]
    clock: Clock

    def reserve(self, tenant: str, route: str, key: str) -> KeptAnswer | None:
        """Take the key for a new request.

        Returns:
            ``None`` when the request may go on, or the answer it got before.

        Raises:
            Conflict: a request with this key is being worked on.
        """
        now = self.clock.now()
        fresh = {"body_sha256": b"", "status": _PENDING, "response": {}, "created_at": now}
        identity = {"tenant": tenant, "route": route, "key": key}
        with session_of(self.sessions) as session:
            taken = insert(_table).values(identity | fresh).on_conflict_do_nothing().returning(_table.c.status)
            if session.execute(taken).first() is not None:
                session.commit()
                return None
            row = session.execute(select(_table).where(*_where(tenant, route, key)).with_for_update()).first()
            if row is not None and row.status != _PENDING and row.created_at > now - KEPT:
                return _answer(row)
            if row is None or row.created_at > now - LEASE:
                raise Conflict("A request with this Idempotency-Key is being worked on: repeat it in a moment.")
            session.execute(update(_table).where(*_where(tenant, route, key)).values(fresh))
            session.commit()
        return None

    def keep(self, tenant: str, route: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer of a request that went through."""
        values = {
            "body_sha256": answer.body_sha256,
            "status": answer.status,
            "response": {"headers": dict(answer.headers), "body": answer.body},
        }
        with session_of(self.sessions) as session:
            session.execute(update(_table).where(*_where(tenant, route, key)).values(values))
            session.commit()

    def release(self, tenant: str, route: str, key: str) -> None:
        """Free the key of a request that changed nothing, so that it may be mended and repeated."""
        with session_of(self.sessions) as session:
            session.execute(delete(_table).where(*_where(tenant, route, key), _table.c.status == _PENDING))
            session.commit()

    def forget_old(self) -> int:
        """Delete answers older than 24 hours; returns how many."""
        with session_of(self.sessions) as session:
            old = delete(_table).where(_table.c.created_at <= self.clock.now() - KEPT).returning(_table.c.status)
            forgotten = len(session.execute(old).all())
            session.commit()
        return forgotten


def _where(tenant: str, route: str, key: str) -> tuple[Any, ...]:
    return _table.c.tenant == tenant, _table.c.route == route, _table.c.key == key


def _answer(row: Row[Any]) -> KeptAnswer:
    return KeptAnswer(row.body_sha256, row.status, row.response["headers"], row.response["body"])


class PersonalAnswers:
    """Answers that name a person or their tickets; see :class:`triage.ports.privacy.PersonalStore`.

    An erased answer is not deleted: its request, repeated with the same key, must not bring the person back, so it is
    answered 410 for as long as the answer would have been kept.
    """

    name = "idempotency"

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def export(self, subject: Subject) -> list[dict[str, object]]:
        """What was answered, to which route."""
        found = self._session.execute(select(_table).where(self._about(subject, subject.tickets)))
        return [{"route": row.route, "status": row.status, "response": row.response} for row in found]

    def erase(self, erasure: Erasure) -> int:
        """Answer 410 from now on."""
        answer = {"headers": {"content-type": "application/problem+json"}, "body": _erased()}
        gone = {"status": _GONE, "response": answer}
        about = self._about(erasure.subject, erasure.subject.tickets)
        return len(self._session.execute(update(_table).where(about).values(gone).returning(_table.c.key)).all())

    def _about(self, subject: Subject, tickets: Sequence[str]) -> ColumnElement[bool]:
        answer = cast(_table.c.response, Text)
        named = [answer.contains(_quoted(_quoted(one))[1:-1], autoescape=True) for one in tickets]
        routed = [_table.c.route.contains(f"/{one}/", autoescape=True) for one in tickets]
        return (_table.c.tenant == self._tenant) & or_(naming(_table.c.response, subject.person), *named, *routed)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _erased() -> str:
    title = default_message(SubjectErased)
    return json.dumps({"type": "urn:triage:problem:subject-erased", "title": title, "status": _GONE})
