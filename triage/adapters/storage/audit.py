"""The audit log: append-only, gap-free, each entry chained to the one before by SHA-256.

Changing, deleting or reordering an entry breaks every digest after it; :func:`verify` finds the first broken one.
Entries hold ids, digests and versions, never ticket text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.ports import Clock

GENESIS = bytes(32)


class SqlAuditLog:
    """Appends to one tenant's chain inside the caller's transaction."""

    def __init__(self, session: Session, tenant: str, clock: Clock) -> None:
        self._session = session
        self._tenant = tenant
        self._clock = clock

    def append(self, *, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
        """Add an entry; entries of one tenant are ordered by a transaction-scoped lock."""
        self.append_all(actor=actor, action=action, details={subject: detail})

    def append_all(self, *, actor: str, action: str, details: Mapping[str, dict[str, str]]) -> None:
        """Add an entry for each subject, in order."""
        if not details:
            return
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        self._session.execute(lock, {"name": f"audit:{self._tenant}"})
        table = rows.audit
        newest = select(table.c.position, table.c.digest).where(table.c.tenant == self._tenant)
        last = self._session.execute(newest.order_by(table.c.position.desc()).limit(1)).first()
        position, previous = (last.position, last.digest) if last else (0, GENESIS)
        entries = []
        for subject, detail in details.items():
            position += 1
            entry: dict[str, object] = {
                "tenant": self._tenant,
                "position": position,
                "at": self._clock.now().astimezone(UTC),
                "actor": actor,
                "action": action,
                "subject": subject,
                "detail": detail,
            }
            digest = _digest(previous, entry)
            entries.append(entry | {"previous": previous, "digest": digest})
            previous = digest
        self._session.execute(insert(table), entries)


def verify(session: Session, tenant: str) -> int | None:
    """Return the position of the first entry that breaks the chain, or ``None`` when it is whole."""
    previous, expected = GENESIS, 1
    with closing(_entries(session, tenant)) as entries:
        for entry, stored_previous, digest in entries:
            broken = entry["position"] != expected or stored_previous != previous or digest != _digest(previous, entry)
            if broken:
                return expected
            previous, expected = digest, expected + 1
    return None


def tenants(session: Session) -> tuple[str, ...]:
    """Tenants that have an audit log."""
    return tuple(session.execute(select(func.distinct(rows.audit.c.tenant))).scalars())


def _entries(session: Session, tenant: str) -> Generator[tuple[dict[str, object], bytes, bytes]]:
    table = rows.audit
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.position)
    with session.execute(query.execution_options(yield_per=1000)) as found:  # a reader may stop at the first broken one
        for row in found:
            entry = {
                "tenant": row.tenant,
                "position": row.position,
                "at": row.at.astimezone(UTC),
                "actor": row.actor,
                "action": row.action,
                "subject": row.subject,
                "detail": row.detail,
            }
            yield entry, row.previous, row.digest


def _digest(previous: bytes, entry: dict[str, object]) -> bytes:
    moment = entry["at"]
    assert isinstance(moment, datetime)
    canonical = json.dumps(entry | {"at": moment.isoformat()}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(previous + canonical.encode("utf-8")).digest()
