"""Tombstones: keyed hashes of erased identifiers, in the database and in a journal beside it."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import ARRAY, LargeBinary, Row, Text, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.tickets import SqlTicketRepository
from triage.domain.privacy import PSEUDONYM, IdentifierKind, Seal, Tombstone
from triage.domain.ticket import Ticket
from triage.errors import StorageError

_table = rows.tombstones
_NUMBER = re.compile(r"\+?\d(?:[ ().\-/]{0,3}\d){6,14}")
_MOST_NUMBERS = 100
_ALWAYS = (IdentifierKind.TICKET, IdentifierKind.EXTERNAL)
"""These name one old matter, so they never come back; an address may write again about something new."""
_wanted = (
    func.unnest(bindparam("kinds", type_=ARRAY(Text)), bindparam("digests", type_=ARRAY(LargeBinary)))
    .table_valued("kind", "digest")
    .render_derived()
)
_KNOWN = (
    select(_table.c.kind, _table.c.digest, _table.c.erased_at)
    .join(_wanted, and_(_table.c.kind == _wanted.c.kind, _table.c.digest == _wanted.c.digest))
    .where(_table.c.tenant == bindparam("of"))
)
"""As two arrays: a list of pairs would be another statement for each number of them."""


class SqlTombstones:
    """One tenant's tombstones."""

    def __init__(self, session: Session, tenant: str, seal: Seal) -> None:
        self._session = session
        self._tenant = tenant
        self._seal = seal

    def add_all(self, tombstones: Sequence[Tombstone]) -> None:
        """Store marks; a newer mark of the same identifier replaces the older one."""
        newest = {(one.kind, one.digest): one for one in sorted(tombstones, key=lambda one: one.erased_at)}
        if not newest:
            return
        statement = insert(_table)
        newer = statement.on_conflict_do_update(
            index_elements=["tenant", "kind", "digest"],
            set_={"erased_at": statement.excluded.erased_at},
            where=_table.c.erased_at < statement.excluded.erased_at,
        )
        values = [
            {"tenant": self._tenant, "kind": one.kind.value, "digest": one.digest, "erased_at": one.erased_at}
            for one in newest.values()
        ]
        self._session.execute(newer, values)

    def all(self) -> tuple[Tombstone, ...]:
        """Every mark of the tenant."""
        query = select(_table).where(_table.c.tenant == self._tenant).order_by(_table.c.kind, _table.c.digest)
        return tuple(_tombstone(row) for row in self._session.execute(query))

    def covering(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        """Ids of those tickets that must not come back."""
        marks = {ticket.id: self._marks(ticket) for ticket in tickets}
        known = self._known({mark for of_ticket in marks.values() for mark in of_ticket})
        return frozenset(ticket.id for ticket in tickets if _is_late(ticket.received_at, marks[ticket.id], known))

    def late(self) -> tuple[Ticket, ...]:
        """Stored tickets that a mark covers all the same: a backup was restored.

        Reads every ticket that is not pseudonymised, one by one: this runs after a restore, not in daily work.
        """
        table, tickets = rows.tickets, SqlTicketRepository(self._session, self._tenant)
        query = select(table.c.id).where(table.c.tenant == self._tenant, ~table.c.requester_name.startswith(PSEUDONYM))
        stored = (tickets.get(ticket_id) for ticket_id in self._session.execute(query).scalars().all())
        return tuple(ticket for ticket in stored if self.covering([ticket]))

    def covers_message(self, ticket_id: str, at: datetime) -> bool:
        """Whether a message of this moment to this ticket is a late one."""
        mark = self._mark(IdentifierKind.TICKET, ticket_id)
        erased_at = self._known({mark}).get(mark)
        return erased_at is not None and at <= erased_at

    def _marks(self, ticket: Ticket) -> set[tuple[str, bytes]]:
        marks = {self._mark(IdentifierKind.TICKET, ticket.id)}
        if ticket.external_id:
            marks.add(self._mark(IdentifierKind.EXTERNAL, ticket.external_id))
        if ticket.requester.email:
            marks.add(self._mark(IdentifierKind.EMAIL, ticket.requester.email))
        return marks | {self._mark(IdentifierKind.PHONE, number) for number in _numbers(ticket)}

    def _mark(self, kind: IdentifierKind, identifier: str) -> tuple[str, bytes]:
        return kind.value, self._seal.digest(self._tenant, kind, identifier)

    def _known(self, marks: set[tuple[str, bytes]]) -> dict[tuple[str, bytes], datetime]:
        if not marks:
            return {}
        kinds, digests = zip(*marks, strict=True)
        wanted = {"of": self._tenant, "kinds": list(kinds), "digests": list(digests)}
        return {(row.kind, row.digest): row.erased_at for row in self._session.execute(_KNOWN, wanted)}


def _numbers(ticket: Ticket) -> set[str]:
    """Whatever in the customer's words could be a phone number; at most the first hundred."""
    texts = "\n".join([ticket.subject, *(message.text for message in ticket.customer_messages)])
    return {match.group() for match in islice(_NUMBER.finditer(texts), _MOST_NUMBERS)}


def _is_late(received_at: datetime, marks: set[tuple[str, bytes]], known: Mapping[tuple[str, bytes], datetime]) -> bool:
    found = {mark: known[mark] for mark in marks if mark in known}
    return any(kind in _ALWAYS or received_at <= erased_at for (kind, _), erased_at in found.items())


def _tombstone(row: Row[tuple[str, str, bytes, datetime]]) -> Tombstone:
    return Tombstone(row.tenant, IdentifierKind(row.kind), row.digest, row.erased_at)


@dataclass(frozen=True, slots=True)
class FileJournal:
    """Tombstones as JSON lines in the data directory; back it up apart from the database."""

    path: Path

    def append(self, tombstones: Sequence[Tombstone]) -> None:
        """Add marks, durably."""
        lines = "".join(json.dumps(_line(one)) + "\n" for one in tombstones)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="ascii") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> tuple[Tombstone, ...]:
        """Every mark ever added; a last line that a power cut left half written is not one.

        Raises:
            StorageError: a line in the middle is damaged.
        """
        if not self.path.exists():
            return ()
        *lines, _ = self.path.read_text(encoding="ascii", errors="replace").split("\n")
        try:
            return tuple(_from_line(json.loads(line)) for line in lines if line)
        except (ValueError, KeyError) as exc:
            raise StorageError(
                f"{self.path.name} is damaged: take it back from a backup, or people that were erased may come back."
            ) from exc


def stored_key(path: Path) -> bytes:
    """A key of this data directory, 32 bytes; made at the first use, readable by its owner only.

    It appears whole or not at all: two processes that start together agree on one.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as handle:
            handle.write(secrets.token_bytes(32).hex() + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def _line(one: Tombstone) -> dict[str, str]:
    return {
        "tenant": one.tenant,
        "kind": one.kind.value,
        "digest": one.digest.hex(),
        "erased_at": one.erased_at.isoformat(),
    }


def _from_line(line: Mapping[str, str]) -> Tombstone:
    return Tombstone(
        line["tenant"],
        IdentifierKind(line["kind"]),
        bytes.fromhex(line["digest"]),
        datetime.fromisoformat(line["erased_at"]),
    )
