"""Stored users. Every change is on the audit log of the user's tenant, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.access import Role
from triage.domain.people import User
from triage.errors import Conflict
from triage.ports import Clock

_table = rows.users


@dataclass(frozen=True, slots=True)
class SqlUserStore:
    """Users of all tenants; answers to the ``UserStore`` port."""

    sessions: sessionmaker[Session]
    clock: Clock

    def find(self, user_id: str) -> User | None:
        """The user of this id."""
        return self._one(_table.c.id == user_id)

    def named(self, name: str) -> User | None:
        """The user who logs in with this name."""
        return self._one(_table.c.name == name)

    def of_subject(self, subject: str) -> User | None:
        """The user whom the identity provider knows by ``<issuer>|<sub>``."""
        return self._one(_table.c.subject == subject)

    def of_tenant(self, tenant: str, *, limit: int, after: str = "") -> tuple[User, ...]:
        """Users of a tenant by name, disabled ones too; ``after`` is the last name of the page before."""
        query = select(_table).where(_table.c.tenant == tenant, _table.c.name > after)
        with session_of(self.sessions) as session:
            return tuple(user_of(row) for row in session.execute(query.order_by(_table.c.name).limit(limit)))

    def add(self, user: User, *, actor: str) -> None:
        """Store a new user.

        Raises:
            Conflict: the name is taken.
        """
        with session_of(self.sessions) as session:
            try:
                session.execute(insert(_table).values(_values(user)))
            except IntegrityError:
                raise Conflict("There is already a user of this name.") from None
            self._audit(session, user, actor, "user_added")
            session.commit()

    def save(self, user: User, *, actor: str, action: str, ends_sessions: bool) -> None:
        """Store a changed user; with ``ends_sessions`` all sessions of the user end in the same transaction."""
        with session_of(self.sessions) as session:
            session.execute(update(_table).where(_table.c.id == user.id).values(_values(user)))
            if ends_sessions:
                session.execute(delete(rows.sessions).where(rows.sessions.c.user_id == user.id))
            self._audit(session, user, actor, action)
            session.commit()

    def _one(self, where: Any) -> User | None:  # noqa: ANN401  # a column expression
        with session_of(self.sessions) as session:
            row = session.execute(select(_table).where(where)).first()
        return user_of(row) if row else None

    def _audit(self, session: Session, user: User, actor: str, action: str) -> None:
        detail = {
            "role": user.role.value,
            "teams": ",".join(sorted(user.teams)),
            "disabled": str(user.disabled_at or ""),
        }
        SqlAuditLog(session, user.tenant, self.clock).append(
            actor=actor, action=action, subject=user.id, detail=detail | {"name": user.name}
        )


def user_of(row: Row[Any]) -> User:
    """A user from the columns of ``users``."""
    return User(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        teams=frozenset(row.teams),
        password_hash=row.password_hash,
        subject=row.subject,
        disabled_at=row.disabled_at,
    )


def _values(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "tenant": user.tenant,
        "name": user.name,
        "role": user.role.value,
        "teams": sorted(user.teams),
        "password_hash": user.password_hash,
        "subject": user.subject,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
    }
