"""Stored API keys. Every change is on the audit log of the key's tenant, in the same transaction."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Row, exists, insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.access import Role, Scope
from triage.domain.api_keys import ApiKey
from triage.errors import Conflict, NotFound
from triage.ports import Clock

REMEMBERED_S = 2.0
"""How long a key that was found is not asked for again: a request would otherwise begin with a query."""
MOST_REMEMBERED = 10_000
_table = rows.api_keys


@dataclass(frozen=True, slots=True)
class SqlKeyStore:
    """API keys of all tenants: a key is found by its id alone, because it is what says which tenant calls."""

    sessions: sessionmaker[Session]
    clock: Clock
    _known: dict[str, tuple[float, ApiKey]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, key_id: str) -> ApiKey | None:
        """The key of this id, in force or not; another process's revocation is noticed within two seconds."""
        at, known = self._known.get(key_id, (float("-inf"), None))
        if known is not None and time.monotonic() - at < REMEMBERED_S:
            return known
        asked_at = time.monotonic()
        with session_of(self.sessions) as session:
            row = session.execute(select(_table).where(_table.c.id == key_id)).first()
        if row is None:
            return None
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        found = _key(row)
        self._known[key_id] = (asked_at, found)
        return found

    def add(self, key: ApiKey, *, actor: str) -> None:
        """Store a new key."""
        with session_of(self.sessions) as session:
            session.execute(insert(_table).values(_row(key)))
            detail = {"role": key.role.value, "expires_at": key.expires_at.isoformat()}
            if key.only is not None:
                detail["only"] = ",".join(sorted(key.only))
            self._audit(session, key.tenant).append(actor=actor, action="key_created", subject=key.id, detail=detail)
            session.commit()

    def of_tenant(self, tenant: str, *, limit: int, after: str = "") -> tuple[ApiKey, ...]:
        """Keys of a tenant by id, revoked and expired ones too; ``after`` is the last id of the page before."""
        query = select(_table).where(_table.c.tenant == tenant, _table.c.id > after)
        with session_of(self.sessions) as session:
            return tuple(_key(row) for row in session.execute(query.order_by(_table.c.id).limit(limit)))

    def revoke(self, tenant: str, key_id: str, *, actor: str) -> None:
        """Take a key out of force at once; revoking it again changes nothing.

        Raises:
            NotFound: no such key in this tenant.
            Conflict: it is the tenant's last admin key in force.
        """
        now = self.clock.now()
        where = (_table.c.tenant == tenant, _table.c.id == key_id)
        with session_of(self.sessions) as session:
            # two admins who revoke each other's key at the same moment must not both succeed
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
            session.execute(lock, {"name": f"keys:{tenant}"})
            row = session.execute(select(_table).where(*where)).first()
            if row is None:
                raise NotFound("There is no such key.")
            key = _key(row)
            if key.revoked_at is not None:
                return
            if key.role is Role.ADMIN and key.in_force(now) and not self._other_admin(session, key):
                raise Conflict("This is the last admin key: create another one before you revoke it.")
            session.execute(update(_table).where(*where).values(revoked_at=now))
            self._audit(session, tenant).append(actor=actor, action="key_revoked", subject=key_id, detail={})
            session.commit()
            self._known.pop(key_id, None)

    def any_in_force(self) -> bool:
        """Whether anybody could use the service at all."""
        with session_of(self.sessions) as session:
            return bool(session.execute(select(exists().where(*self._in_force()))).scalar())

    def _other_admin(self, session: Session, key: ApiKey) -> bool:
        others = (_table.c.tenant == key.tenant, _table.c.id != key.id, _table.c.role == Role.ADMIN.value)
        return bool(session.execute(select(exists().where(*others, *self._in_force()))).scalar())

    def _in_force(self) -> tuple[Any, ...]:
        return _table.c.revoked_at.is_(None), _table.c.expires_at > self.clock.now()

    def _audit(self, session: Session, tenant: str) -> SqlAuditLog:
        return SqlAuditLog(session, tenant, self.clock)


def _row(key: ApiKey) -> dict[str, Any]:
    values = asdict(key) | {"role": key.role.value}
    only = values.pop("only")
    return values | {"only_scopes": None if only is None else sorted(scope.value for scope in only)}


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        role=Role(row.role),
        secret_sha256=row.secret_sha256,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        only=None if row.only_scopes is None else frozenset(map(Scope, row.only_scopes)),
    )
