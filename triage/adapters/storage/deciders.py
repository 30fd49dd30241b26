"""Whether who decided may still decide; asked in the transaction that claims a send."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.access import Role, Scope, scopes_of
from triage.ports import Clock

_keys, _users = rows.api_keys, rows.users


class SqlDeciders:
    """People and keys of one tenant; answers to the ``Deciders`` port."""

    def __init__(self, session: Session, tenant: str, clock: Clock) -> None:
        self._session = session
        self._tenant = tenant
        self._clock = clock

    def withdrawn(self, actor: str) -> bool:
        """Whether this person or key was known here and may decide no more."""
        kind, _, name = actor.partition(":")
        if kind == "key":
            columns = (_keys.c.role, _keys.c.revoked_at, _keys.c.expires_at, _keys.c.only_scopes)
            key = self._session.execute(select(*columns).where(_keys.c.tenant == self._tenant, _keys.c.id == name))
            return any(not self._key_decides(*row) for row in key)
        columns_of_user = (_users.c.role, _users.c.disabled_at)
        user = self._session.execute(
            select(*columns_of_user).where(_users.c.tenant == self._tenant, _users.c.name == name)
        )
        return any(row.disabled_at is not None or Scope.DECIDE not in scopes_of(Role(row.role)) for row in user)

    def _key_decides(self, role: str, revoked_at: object, expires_at: datetime, only: list[str] | None) -> bool:
        in_force = revoked_at is None and self._clock.now() < expires_at
        narrowed = only is None or Scope.DECIDE.value in only
        return in_force and narrowed and Scope.DECIDE in scopes_of(Role(role))
