"""Stored sessions and failed log-ins; tokens and names only as SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session as SqlSession
from sqlalchemy.orm import sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.adapters.storage.users import user_of
from triage.domain.people import FIRST_WAIT, FREE_FAILURES, LONGEST, LONGEST_WAIT, Session, User, wait_after
from triage.ports import Clock

_sessions, _failures = rows.sessions, rows.login_failures


@dataclass(frozen=True, slots=True)
class SqlSessionStore:
    """Sessions of all tenants; answers to the ``SessionStore`` port."""

    sessions: sessionmaker[SqlSession]
    clock: Clock

    def start(self, token_sha256: bytes, user: User, *, how: str) -> None:
        """Store a new session; old ones that can no longer be used are cleared away on the way."""
        now = self.clock.now()
        values = {"token_sha256": token_sha256, "user_id": user.id, "created_at": now, "seen_at": now}
        with session_of(self.sessions) as session:
            session.execute(delete(_sessions).where(_sessions.c.created_at < now - LONGEST))
            session.execute(insert(_sessions).values(values))
            SqlAuditLog(session, user.tenant, self.clock).append(
                actor=user.actor, action="logged_in", subject=user.id, detail={"how": how}
            )
            session.commit()

    def find(self, token_sha256: bytes) -> Session | None:
        """The session of a token, in force or not."""
        joined = select(rows.users, _sessions.c.created_at.label("started_at"), _sessions.c.seen_at).join_from(
            _sessions, rows.users
        )
        with session_of(self.sessions) as session:
            row = session.execute(joined.where(_sessions.c.token_sha256 == token_sha256)).first()
        return Session(user_of(row), row.started_at, row.seen_at) if row else None

    def touch(self, token_sha256: bytes, now: datetime) -> None:
        """Remember that the session was used."""
        with session_of(self.sessions) as session:
            session.execute(update(_sessions).where(_sessions.c.token_sha256 == token_sha256).values(seen_at=now))
            session.commit()

    def end(self, token_sha256: bytes) -> None:
        """Forget a session."""
        with session_of(self.sessions) as session:
            session.execute(delete(_sessions).where(_sessions.c.token_sha256 == token_sha256))
            session.commit()

    def count_attempt(self, name_sha256: bytes) -> float:
        """Count one more attempt on a name, unless it rests; seconds it still rests, 0 when it may be tried."""
        now, table = self.clock.now(), _failures
        first = upsert(table).values(name_sha256=name_sha256, failures=0, last_at=now)
        locked = select(table.c.failures, table.c.last_at).where(table.c.name_sha256 == name_sha256).with_for_update()
        with session_of(self.sessions) as session:
            session.execute(delete(table).where(table.c.last_at < now - 2 * LONGEST_WAIT))
            session.execute(first.on_conflict_do_nothing())
            known = session.execute(locked).one()
            rest_s: float = (known.last_at + wait_after(known.failures) - now).total_seconds()
            if rest_s > 0:
                return rest_s
            forgotten = known.failures < FREE_FAILURES and now - known.last_at >= FIRST_WAIT
            failures = 1 if forgotten else known.failures + 1
            where = table.c.name_sha256 == name_sha256
            session.execute(update(table).where(where).values(failures=failures, last_at=now))
            session.commit()
        return 0.0

    def forget_attempts(self, name_sha256: bytes) -> None:
        """The right password was given."""
        with session_of(self.sessions) as session:
            session.execute(delete(_failures).where(_failures.c.name_sha256 == name_sha256))
            session.commit()
