"""Stored tickets of one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ARRAY, Row, Text, any_, cast, false, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.recordset import as_parameter, given_rows
from triage.domain.ticket import Attachment, Author, Channel, Message, Requester, Ticket
from triage.errors import TicketNotFound

_TICKET = ("tenant", "id", "subject", "channel", "requester_name", "requester_email", "received_at", "revision",
           "external_id", "order_facts")  # fmt: skip
_ADD_TICKETS = (
    upsert(rows.tickets)
    .from_select(*given_rows(rows.tickets, *_TICKET))
    .on_conflict_do_nothing()
    .returning(rows.tickets.c.id)
)
_ADD_MESSAGES = insert(rows.messages).from_select(*given_rows(rows.messages))


class SqlTicketRepository:
    """Tickets and their messages; messages are only ever appended."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add_all(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        """Store new tickets; returns the ids of those that were not there before."""
        if not tickets:
            return frozenset()
        given = as_parameter(rows.tickets, (_ticket_row(ticket, self._tenant) for ticket in tickets))
        new = frozenset(self._session.execute(_ADD_TICKETS, given).scalars())
        self._add_messages(
            [
                _message_row(message, self._tenant, ticket.id, position)
                for ticket in tickets
                if ticket.id in new
                for position, message in enumerate(ticket.messages)
            ]
        )
        return new

    def get(self, ticket_id: str, *, for_update: bool = False) -> Ticket:
        """Return a ticket with its messages, oldest first.

        ``for_update`` leaves the key readable: an approval that is being stored refers to it, and would otherwise wait
        for a message that waits for the approval's case.

        Raises:
            TicketNotFound: no such ticket in this tenant.
        """
        table = rows.tickets
        query = select(table).where(table.c.tenant == self._tenant, table.c.id == ticket_id)
        found = self._session.execute(query.with_for_update(key_share=True) if for_update else query).first()
        if found is None:
            raise TicketNotFound(f"There is no ticket {ticket_id!r}.")
        return _ticket(found, self._messages(ticket_id))

    def get_all(self, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        """Tickets by id; those that are not there are left out."""
        table, said = rows.tickets, rows.messages
        messages: dict[str, list[Message]] = {}
        query = select(said).where(
            said.c.tenant == self._tenant, said.c.ticket_id == any_(cast(list(ticket_ids), ARRAY(Text)))
        )
        for row in self._session.execute(query.order_by(said.c.position)):
            messages.setdefault(row.ticket_id, []).append(_message(row))
        found = select(table).where(
            table.c.tenant == self._tenant, table.c.id == any_(cast(list(ticket_ids), ARRAY(Text)))
        )
        return {row.id: _ticket(row, tuple(messages.get(row.id, ()))) for row in self._session.execute(found)}

    def save(self, ticket: Ticket) -> None:
        """Store the next revision of a ticket and the messages that are new in it."""
        table = rows.tickets
        where = (table.c.tenant == self._tenant, table.c.id == ticket.id)
        self._session.execute(update(table).where(*where).values(_ticket_row(ticket, self._tenant)))
        known = {message.id for message in self._messages(ticket.id)}
        fresh = enumerate((message for message in ticket.messages if message.id not in known), len(known))
        self._add_messages([_message_row(message, self._tenant, ticket.id, position) for position, message in fresh])

    def related(self, email: str, serials: Sequence[str], *, limit: int) -> tuple[str, ...]:
        """Ids of the newest tickets of a requester or about one of these serial numbers, oldest first."""
        table, cases = rows.tickets, rows.cases
        found_in = cases.c.document["facts"]["items"]
        known = select(cases.c.ticket_id).where(
            cases.c.tenant == self._tenant,
            or_(false(), *(found_in.contains([{"kind": "serial", "value": one}]) for one in serials)),
        )
        mine = or_(
            (table.c.requester_email == email) if email else false(),
            table.c.order_facts["serial"].astext.in_(serials),
            table.c.id.in_(known),
        )
        query = select(table.c.id).where(table.c.tenant == self._tenant, mine)
        newest = self._session.execute(query.order_by(table.c.received_at.desc(), table.c.id).limit(limit)).scalars()
        return tuple(reversed(newest.all()))

    def _messages(self, ticket_id: str) -> tuple[Message, ...]:
        table = rows.messages
        query = select(table).where(table.c.tenant == self._tenant, table.c.ticket_id == ticket_id)
        return tuple(_message(row) for row in self._session.execute(query.order_by(table.c.position)))

    def _add_messages(self, values: list[dict[str, Any]]) -> None:
        if values:
            self._session.execute(_ADD_MESSAGES, as_parameter(rows.messages, values))


def _ticket_row(ticket: Ticket, tenant: str) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "id": ticket.id,
        "subject": ticket.subject,
        "channel": ticket.channel.value,
        "requester_name": ticket.requester.name,
        "requester_email": ticket.requester.email,
        "received_at": ticket.received_at,
        "revision": ticket.revision,
        "external_id": ticket.external_id,
        "order_facts": dict(ticket.order),
    }


def _message_row(message: Message, tenant: str, ticket_id: str, position: int) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "ticket_id": ticket_id,
        "position": position,
        "id": message.id,
        "author": message.author.value,
        "at": message.at,
        "text": message.text,
        "body": message.body,
        "attachments": [asdict(attachment) for attachment in message.attachments],
    }


def _ticket(row: Row[Any], messages: tuple[Message, ...]) -> Ticket:
    return Ticket(
        id=row.id,
        subject=row.subject,
        messages=messages,
        received_at=row.received_at,
        channel=Channel(row.channel),
        requester=Requester(row.requester_name, row.requester_email),
        tenant=row.tenant,
        revision=row.revision,
        external_id=row.external_id,
        order=row.order_facts,
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        author=Author(row.author),
        at=row.at,
        text=row.text,
        body=row.body,
        attachments=tuple(Attachment(**attachment) for attachment in row.attachments),
    )
