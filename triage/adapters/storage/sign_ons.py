"""Stored single sign-ons that are under way; each is taken once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.sessions import session_of
from triage.domain.people import SignOnBegun

_table = rows.sign_ons
_FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SqlSignOnStore:
    """Sign-ons under way, by the SHA-256 of their state; answers to the ``SignOnStore`` port."""

    sessions: sessionmaker[Session]

    def keep(self, state_sha256: bytes, begun: SignOnBegun) -> None:
        """Store one; old ones are cleared away on the way."""
        values = {"nonce": begun.nonce, "verifier": begun.verifier, "begun_at": begun.begun_at}
        with session_of(self.sessions) as session:
            session.execute(delete(_table).where(_table.c.begun_at < begun.begun_at - _FORGOTTEN_AFTER))
            session.execute(insert(_table).values(values | {"state_sha256": state_sha256}))
            session.commit()

    def take(self, state_sha256: bytes) -> SignOnBegun | None:
        """Return one and forget it, so that nobody can come back with it twice."""
        columns = _table.c.nonce, _table.c.verifier, _table.c.begun_at
        with session_of(self.sessions) as session:
            row = session.execute(
                delete(_table).where(_table.c.state_sha256 == state_sha256).returning(*columns)
            ).first()
            session.commit()
        return SignOnBegun(row.nonce, row.verifier, row.begun_at) if row else None
