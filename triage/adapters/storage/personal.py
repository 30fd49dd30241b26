"""Personal data in tables: exported and erased by what each column is, with every table taken in by default.

A table that names a ticket (``ticket_id``, ``case_id``) loses its rows with the ticket; where the ticket is kept, its
texts are masked. Any other table is searched for the person's identifiers. So a new table is covered before anybody
thinks of it; :data:`EXCEPTIONS` says where a table differs and :data:`IMPERSONAL` which hold no customer's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, and_, cast, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.privacy import Person
from triage.ports.privacy import Erasure, Mask, Subject

IMPERSONAL: Mapping[str, str] = {
    "audit": "append-only; ids, digests and versions, never text",
    "tombstones": "keyed hashes",
    "api_keys": "the desk's own keys",
    "users": "the desk's own people",
    "sign_ons": "the desk's own people",
    "documents": "the company's own documents",
    "sending_pauses": "the desk's own ways out",
    "webhook_endpoints": "the desk's own addresses",
    "safety_register": "append-only by law (GPSR art. 9); product data only, erased by its own term",
    "idempotency": "answers of 24 hours; see triage.adapters.storage.idempotency.PersonalAnswers",
}
_TICKET_COLUMNS = ("ticket_id", "case_id")
_NOT_CUSTOMER_TEXT = frozenset({"passages", "deadlines", "rights", "provenance", "timings_ms"})
"""Keys of a case's document that hold the knowledge base's, the law's and the program's own words."""


@dataclass(frozen=True, slots=True)
class TableException:
    """How a table differs from the rule.

    Attributes:
        ticket: the column that names the ticket.
        fixed: values put into columns of kept rows; ``{pseudonym}`` is filled in.
        goes_with_person: rows go also where the ticket is kept: files and embeddings cannot be masked.
    """

    ticket: str = ""
    fixed: Mapping[str, object] = field(default_factory=dict)
    goes_with_person: bool = False


EXCEPTIONS: Mapping[str, TableException] = {
    "tickets": TableException(
        "id", fixed={"requester_name": "{pseudonym}", "requester_email": "", "external_id": None}
    ),
    "approvals": TableException(fixed={"recipients": []}),
    "attachments": TableException(goes_with_person=True),
    "solved_cases": TableException(goes_with_person=True),  # words and their embedding, to draft from
}


@dataclass(frozen=True, slots=True)
class TableStore:
    """One table's personal data; see :class:`triage.ports.privacy.PersonalStore`."""

    session: Session
    tenant: str
    table: Table

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    def export(self, subject: Subject) -> list[dict[str, object]]:
        """Rows of the person's tickets, or rows that name the person."""
        where = self._of(subject.tickets) if self._ticket is not None else self._naming(subject.person)
        in_order = select(self.table).where(self._mine, where).order_by(*self.table.primary_key.columns)
        found = self.session.execute(in_order)
        return [_plain(dict(row)) for row in found.mappings()]

    def erase(self, erasure: Erasure) -> int:
        """Delete the rows of tickets that go, mask those of tickets that stay, and the person everywhere else."""
        goes = erasure.delete
        if self._exception.goes_with_person:
            goes = erasure.subject.tickets
        changed = self._delete(goes)
        for ticket_id, mask in erasure.masks.items():
            changed += self._mask(self._of([ticket_id]), mask, self._fixed(erasure))
        foreign = ~self._of(erasure.subject.tickets) if self._ticket is not None else ~false()
        named = or_(self._of(erasure.mentions), self._naming(erasure.subject.person))
        return changed + self._mask(and_(foreign, named), erasure.elsewhere, {})

    def _delete(self, tickets: Sequence[str]) -> int:
        if self._ticket is None or not tickets:
            return 0
        gone = delete(self.table).where(self._mine, self._of(tickets)).returning(self.table.c.tenant)
        return len(self.session.execute(gone).all())

    def _mask(self, where: ColumnElement[bool], mask: Mask, fixed: Mapping[str, object]) -> int:
        changed = 0
        key = list(self.table.primary_key.columns)
        for row in self.session.execute(select(self.table).where(self._mine, where)).mappings().all():
            masked = {column.name: masked_value(row[column.name], mask) for column in self._texts} | dict(fixed)
            values = {name: value for name, value in masked.items() if value != row[name]}
            if values:
                this = and_(*(column == row[column.name] for column in key))
                self.session.execute(update(self.table).where(this).values(values))
                changed += 1
        return changed

    @property
    def _exception(self) -> TableException:
        return EXCEPTIONS.get(self.table.name, TableException())

    @property
    def _ticket(self) -> Column[Any] | None:
        names = (self._exception.ticket,) if self._exception.ticket else _TICKET_COLUMNS
        return next((self.table.c[name] for name in names if name in self.table.c), None)

    @property
    def _texts(self) -> tuple[Column[Any], ...]:
        """Columns that may hold words: all texts, lists of texts and documents that are no key."""
        return tuple(
            column
            for column in self.table.columns
            if isinstance(column.type, Text | ARRAY | JSONB)
            and not column.primary_key
            and column.computed is None
            and column is not self._ticket
        )

    @property
    def _mine(self) -> ColumnElement[bool]:
        return self.table.c.tenant == self.tenant

    def _of(self, tickets: Sequence[str]) -> ColumnElement[bool]:
        return self._ticket.in_(tickets) if self._ticket is not None else false()

    def _naming(self, person: Person | None) -> ColumnElement[bool]:
        return or_(false(), *(naming(column, person) for column in self._texts))

    def _fixed(self, erasure: Erasure) -> dict[str, object]:
        return {
            name: erasure.pseudonym if value == "{pseudonym}" else value
            for name, value in self._exception.fixed.items()
        }


def personal_tables(session: Session, tenant: str) -> tuple[TableStore, ...]:
    """Every table that may hold a customer's data, those that refer to others first."""
    return tuple(TableStore(session, tenant, table) for table in _personal())


def _personal() -> Iterator[Table]:
    for table in reversed(rows.metadata.sorted_tables):
        if table.name not in IMPERSONAL and "tenant" in table.c:
            yield table


def naming(column: ColumnElement[Any], person: Person | None) -> ColumnElement[bool]:
    """Whether a column's text holds an identifier of the person."""
    if person is None:
        return false()
    words = cast(column, Text)
    digits = func.regexp_replace(words, r"[^0-9]", "", "g")
    return or_(
        false(),
        *(words.icontains(one, autoescape=True) for one in (*person.emails, *person.external_ids)),
        *(digits.contains(one) for one in person.phones),
    )


def masked_value(value: object, mask: Mask) -> object:
    """The value with every text in it masked; a document's keys stay."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: inner if key in _NOT_CUSTOMER_TEXT else masked_value(inner, mask) for key, inner in value.items()}
    return [masked_value(inner, mask) for inner in value] if isinstance(value, list | tuple) else value


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: _json_value(value) for name, value in row.items() if name != "tenant"}


def _json_value(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return f"{len(value)} bytes" if isinstance(value, bytes) else value
