"""Files of tickets, in pieces of a quarter of a mebibyte, so that no file is ever held whole in memory."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.attachment import HEAD_BYTES, MAX_PER_TICKET, StoredAttachment, kind_of, safe_name
from triage.errors import Conflict, NotFound, TicketNotFound
from triage.ports import Clock

CHUNK_BYTES = 256 * 1024
_table, _chunks = rows.attachments, rows.attachment_chunks


@dataclass(frozen=True, slots=True)
class SqlAttachments:
    """Files of all tenants; they are erased with their ticket."""

    sessions: sessionmaker[Session]
    clock: Clock

    def add(self, tenant: str, ticket_id: str, name: str, content: IO[bytes], *, actor: str) -> StoredAttachment:
        """Store a file; the same bytes of the same ticket are stored once.

        Args:
            content: at its beginning; read to its end twice.

        Raises:
            TicketNotFound: no such ticket in this tenant.
            InvalidInput: a kind of file that is not taken.
            Conflict: the ticket has as many files as it may have.
        """
        media_type, size, digest = kind_of(content.read(HEAD_BYTES)), *_measure(content)
        content.seek(0)
        found = StoredAttachment(
            tenant, f"att_{uuid.uuid4().hex}", ticket_id, safe_name(name), media_type, size, digest, actor,
            self.clock.now(),
        )  # fmt: skip
        with session_of(self.sessions) as session:
            known = self._same(session, found)
            if known is not None:
                return known
            session.execute(insert(_table).values(asdict(found)))
            for position, piece in enumerate(iter(lambda: content.read(CHUNK_BYTES), b"")):
                piece_of = {"tenant": tenant, "attachment_id": found.id, "position": position}
                session.execute(insert(_chunks).values(piece_of | {"content": piece}))
            self._audit(session, found, "attachment_added", actor)
            session.commit()
        return found

    def of_ticket(self, tenant: str, ticket_id: str) -> tuple[StoredAttachment, ...]:
        """Files of a ticket, oldest first.

        Raises:
            TicketNotFound: no such ticket in this tenant.
        """
        query = select(_table).where(_table.c.tenant == tenant, _table.c.ticket_id == ticket_id)
        with session_of(self.sessions) as session:
            self._require_ticket(session, tenant, ticket_id)
            return tuple(_stored(row) for row in session.execute(query.order_by(_table.c.created_at, _table.c.id)))

    def get(self, tenant: str, attachment_id: str) -> StoredAttachment:
        """Return a file's description.

        Raises:
            NotFound: no such file in this tenant.
        """
        with session_of(self.sessions) as session:
            return self._get(session, tenant, attachment_id)

    def content(self, tenant: str, attachment_id: str) -> Iterator[bytes]:
        """The file's bytes, piece by piece, each read on its own so that a slow reader holds no transaction."""
        position = 0
        mine = (_chunks.c.tenant == tenant, _chunks.c.attachment_id == attachment_id)
        while True:
            with session_of(self.sessions) as session:
                query = select(_chunks.c.content).where(*mine, _chunks.c.position == position)
                piece = session.execute(query).scalar_one_or_none()
            if piece is None:
                return
            yield bytes(piece)
            position += 1

    def remove(self, tenant: str, attachment_id: str, *, actor: str) -> None:
        """Delete a file for good.

        Raises:
            NotFound: no such file in this tenant.
        """
        with session_of(self.sessions) as session:
            found = self._get(session, tenant, attachment_id)
            session.execute(delete(_table).where(_table.c.tenant == tenant, _table.c.id == attachment_id))
            self._audit(session, found, "attachment_removed", actor)
            session.commit()

    def _same(self, session: Session, wanted: StoredAttachment) -> StoredAttachment | None:
        """The ticket's file of the same bytes; locks the ticket, so that two uploads see each other."""
        self._require_ticket(session, wanted.tenant, wanted.ticket_id, lock=True)
        mine = (_table.c.tenant == wanted.tenant, _table.c.ticket_id == wanted.ticket_id)
        row = session.execute(select(_table).where(*mine, _table.c.sha256 == wanted.sha256).limit(1)).first()
        if row is not None:
            return _stored(row)
        if session.execute(select(func.count()).select_from(_table).where(*mine)).scalar_one() >= MAX_PER_TICKET:
            raise Conflict(f"A ticket may have at most {MAX_PER_TICKET} files.")
        return None

    def _require_ticket(self, session: Session, tenant: str, ticket_id: str, *, lock: bool = False) -> None:
        query = select(rows.tickets.c.id).where(rows.tickets.c.tenant == tenant, rows.tickets.c.id == ticket_id)
        if session.execute(query.with_for_update(key_share=True) if lock else query).first() is None:
            raise TicketNotFound()

    def _get(self, session: Session, tenant: str, attachment_id: str) -> StoredAttachment:
        query = select(_table).where(_table.c.tenant == tenant, _table.c.id == attachment_id)
        row = session.execute(query).first()
        if row is None:
            raise NotFound("There is no such file.")
        return _stored(row)

    def _audit(self, session: Session, stored: StoredAttachment, action: str, actor: str) -> None:
        detail = {"file": stored.id, "sha256": stored.sha256, "bytes": str(stored.size_bytes)}
        log = SqlAuditLog(session, stored.tenant, self.clock)
        log.append(actor=actor, action=action, subject=stored.ticket_id, detail=detail)


def _measure(content: IO[bytes]) -> tuple[int, str]:
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    for piece in iter(lambda: content.read(CHUNK_BYTES), b""):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _stored(row: Row[Any]) -> StoredAttachment:
    return StoredAttachment(**dict(row._mapping))
