"""Stored API keys. Every change is on the audit log of the key's tenant, in the same transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ARRAY, Row, Text, cast, exists, func, insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.access import Role, Scope
from triage.domain.api_keys import ApiKey
from triage.errors import Conflict, NotFound
from triage.ports import Clock

REMEMBERED_S = 2.0
"""How long keys that were found are not asked for again: a request would otherwise begin with a query."""
MOST_REMEMBERED = 10_000
_table = rows.api_keys


@dataclass(slots=True, eq=False)
class _Remembered:
    """Keys that were asked for, as they were at ``at``; all of them are read again in one query."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = float("-inf")
    keys: dict[str, ApiKey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SqlKeyStore:
    """API keys of all tenants: a key is found by its id alone, because it is what says which tenant calls."""

    sessions: sessionmaker[Session]
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    _known: _Remembered = field(default_factory=_Remembered, init=False, repr=False, compare=False)

    def recall(self, key_id: str) -> ApiKey | None:
        """The key of this id, as it was at most two seconds ago; ``None`` when it has to be asked for."""
        return self._known.keys.get(key_id) if self._is_fresh() else None

    def find(self, key_id: str) -> ApiKey | None:
        """The key of this id, in force or not; another process's revocation is noticed within two seconds."""
        with self._known.lock:  # requests that come together ask once
            known = self.recall(key_id)
            return known if known is not None else self._read(key_id)

    def _is_fresh(self) -> bool:
        return self.monotonic() - self._known.at < REMEMBERED_S

    def _read(self, key_id: str) -> ApiKey | None:
        """Read the key that is asked for, and when the others are old, these too."""
        known, asked_at = self._known, self.monotonic()
        kept = known.keys if self._is_fresh() else {}
        again = () if kept or len(known.keys) >= MOST_REMEMBERED else known.keys
        query = select(_table).where(_table.c.id == func.any(cast([key_id, *again], ARRAY(Text))))
        with session_of(self.sessions) as session:
            known.keys = kept | {row.id: _key(row) for row in session.execute(query)}
        if not kept:
            known.at = asked_at
        return known.keys.get(key_id)

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
        with self._known.lock:  # a reader that began before the commit has ended
            self._known.keys = {name: one for name, one in self._known.keys.items() if name != key_id}

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
