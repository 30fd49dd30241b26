"""Stored documents: content beside metadata. Every change is on the tenant's audit log, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, Text, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base.passage import DocumentMetadata
from triage.adapters.storage import rows
from triage.adapters.storage.audit import SqlAuditLog
from triage.adapters.storage.sessions import session_of
from triage.domain.library import DocumentState, StoredDocument
from triage.errors import Conflict, DocumentNotFound
from triage.ports import Clock

_table = rows.documents
_about = TypeAdapter(DocumentMetadata)
_LIVE, _WITHDRAWN = DocumentState.LIVE.value, DocumentState.WITHDRAWN.value
_LISTED = tuple(column for column in _table.c if column.name != "content")


@dataclass(frozen=True, slots=True)
class SqlDocumentStore:
    """A :class:`triage.ports.library.DocumentStore` on PostgreSQL."""

    sessions: sessionmaker[Session]
    clock: Clock

    def add(self, tenant: str, document: StoredDocument, content: bytes, *, actor: str) -> bool:
        """Store a version, or bring back a withdrawn one of the same content; whether anything changed."""
        where = _where(tenant, document.metadata.id, document.metadata.version)
        with session_of(self.sessions) as session:
            new = insert(_table).values(_values(tenant, document) | {"content": content}).on_conflict_do_nothing()
            action = "document_added"
            if session.execute(new.returning(_table.c.id)).first() is None:
                known = session.execute(select(*_LISTED).where(*where).with_for_update()).one()
                if known.sha256 != document.sha256:
                    raise Conflict(f"{document.key} is there with other content: give the new file another version.")
                if (known.state, known.given) == (_LIVE, document.given):
                    return False
                kept = {"added_at": known.added_at, "added_by": known.added_by}
                session.execute(update(_table).where(*where).values(_values(tenant, document) | kept))
                action = "document_restored" if known.state == _WITHDRAWN else "document_amended"
            self._log(session, tenant, action, document, actor)
            session.commit()
        return True

    def amend(self, tenant: str, document: StoredDocument, *, actor: str) -> None:
        """Store the metadata of a version that exists."""
        where = _where(tenant, document.metadata.id, document.metadata.version)
        with session_of(self.sessions) as session:
            changed = update(_table).where(*where).values(_values(tenant, document)).returning(_table.c.id)
            if session.execute(changed).first() is None:
                raise DocumentNotFound
            self._log(session, tenant, "document_amended", document, actor)
            session.commit()

    def withdraw(self, tenant: str, document_id: str, version: str | None, *, actor: str, reason: str) -> None:
        """Take a version, or all of them, out of the knowledge base; doing it again changes nothing."""
        where = _where(tenant, document_id, version)
        change = {"state": _WITHDRAWN, "changed_at": self.clock.now(), "changed_by": actor}
        with session_of(self.sessions) as session:
            if session.execute(select(_table.c.id).where(*where).limit(1)).first() is None:
                raise DocumentNotFound
            taken = update(_table).where(*where, _table.c.state == _LIVE).values(change)
            for row in session.execute(taken.returning(_table.c.id, _table.c.version)).all():
                subject, detail = f"{row.id}@{row.version}", {"reason": reason} if reason else {}
                self._audit(session, tenant).append(
                    actor=actor, action="document_withdrawn", subject=subject, detail=detail
                )
            session.commit()

    def all(self, tenant: str) -> tuple[StoredDocument, ...]:
        """Every version, withdrawn ones too, by id and version."""
        query = select(*_LISTED).where(_table.c.tenant == tenant).order_by(_table.c.id, _table.c.version)
        with session_of(self.sessions) as session:
            return tuple(_document(row) for row in session.execute(query))

    def content(self, tenant: str, document_id: str, version: str) -> bytes:
        """The file, byte for byte as it came in."""
        with session_of(self.sessions) as session:
            found = session.execute(select(_table.c.content).where(*_where(tenant, document_id, version))).first()
        if found is None:
            raise DocumentNotFound
        return bytes(found.content)

    def stamp(self, tenant: str) -> str:
        """Names the state of the live documents; empty while there are none."""
        facts = func.concat_ws("\n", _table.c.id, _table.c.version, _table.c.sha256, cast(_table.c.given, Text))
        whole = func.md5(func.string_agg(facts, aggregate_order_by(literal("\x1e"), _table.c.id, _table.c.version)))
        with session_of(self.sessions) as session:
            return (
                session.execute(select(whole).where(_table.c.tenant == tenant, _table.c.state == _LIVE)).scalar() or ""
            )

    def tenants(self) -> tuple[str, ...]:
        """Who has live documents."""
        query = select(_table.c.tenant).where(_table.c.state == _LIVE).distinct().order_by(_table.c.tenant)
        with session_of(self.sessions) as session:
            return tuple(session.execute(query).scalars())

    def _log(self, session: Session, tenant: str, action: str, document: StoredDocument, actor: str) -> None:
        detail = {"sha256": document.sha256}
        self._audit(session, tenant).append(actor=actor, action=action, subject=document.key, detail=detail)

    def _audit(self, session: Session, tenant: str) -> SqlAuditLog:
        return SqlAuditLog(session, tenant, self.clock)


def _where(tenant: str, document_id: str, version: str | None) -> tuple[Any, ...]:
    where = (_table.c.tenant == tenant, _table.c.id == document_id)
    return where if version is None else (*where, _table.c.version == version)


def _values(tenant: str, document: StoredDocument) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "id": document.metadata.id,
        "version": document.metadata.version,
        "metadata": _about.dump_python(document.metadata, mode="json"),
        "given": dict(document.given),
        "filename": document.filename,
        "sha256": document.sha256,
        "size": document.size,
        "source_url": document.source_url,
        "state": document.state.value,
        "added_at": document.added_at,
        "added_by": document.added_by,
        "changed_at": document.changed_at,
        "changed_by": document.changed_by,
    }


def _document(row: Row[Any]) -> StoredDocument:
    return StoredDocument(
        metadata=_about.validate_python(row.metadata),
        given=row.given,
        filename=row.filename,
        sha256=row.sha256,
        size=row.size,
        added_at=row.added_at,
        added_by=row.added_by,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        state=DocumentState(row.state),
        source_url=row.source_url,
    )
