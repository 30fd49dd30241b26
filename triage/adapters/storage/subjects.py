"""Finding a person in one tenant's tickets: by address, number, helpdesk id, or name together with an order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.tickets import SqlTicketRepository
from triage.domain.folding import fold
from triage.domain.privacy import PSEUDONYM, IdentifierKind, Person, Seal, Tombstone, Trace, Why
from triage.domain.ticket import Author, Ticket

_BETWEEN_DIGITS = r"[\s().\-/]{0,3}"
_CASE_ENDING = r"\w{0,4}"
_SHORT_NAME = 4


class SqlSubjectFinder:
    """Reads every ticket that could be a person's; what SQL finds roughly is checked word by word."""

    def __init__(self, session: Session, tenant: str, seal: Seal) -> None:
        self._session = session
        self._tenant = tenant
        self._seal = seal
        self._tickets = SqlTicketRepository(session, tenant)

    def find(self, person: Person) -> tuple[Trace, ...]:
        """Tickets that are the person's or mention them, by id."""
        found: dict[str, Why] = {}
        for ticket_id in self._candidates(person):
            why = _why(self._tickets.get(ticket_id), person)
            if why is not None:
                found[ticket_id] = why
        return tuple(Trace(ticket_id, why) for ticket_id, why in sorted(found.items()))

    def late(self, tombstones: Sequence[Tombstone]) -> tuple[Ticket, ...]:
        """Tickets that a tombstone covers and that are there all the same: a backup was restored."""
        marks = {(one.kind, one.digest): one.erased_at for one in tombstones}
        if not marks:
            return ()
        table = rows.tickets
        query = select(table.c.id, table.c.external_id, table.c.requester_email, table.c.received_at).where(
            ~table.c.requester_name.startswith(PSEUDONYM)
        )
        late = []
        for row in self._session.execute(query.where(table.c.tenant == self._tenant)):
            identifiers = (
                (IdentifierKind.TICKET, row.id),
                (IdentifierKind.EXTERNAL, row.external_id),
                (IdentifierKind.EMAIL, row.requester_email),
            )
            times = [
                marks.get((kind, self._seal.digest(self._tenant, kind, value))) for kind, value in identifiers if value
            ]
            if any(at is not None and row.received_at <= at for at in times):
                late.append(row.id)
        return tuple(self._tickets.get(ticket_id) for ticket_id in late)

    def _candidates(self, person: Person) -> Iterable[str]:
        tickets, messages = rows.tickets, rows.messages
        texts = (tickets.c.subject, cast(tickets.c.order_facts, Text), tickets.c.id)
        of_ticket = or_(
            func.lower(tickets.c.requester_email).in_(person.emails),
            tickets.c.external_id.in_(person.external_ids),
            *(_holds(column, person) for column in texts),
        )
        by_ticket = select(tickets.c.id).where(tickets.c.tenant == self._tenant, of_ticket)
        by_message = select(messages.c.ticket_id).where(
            messages.c.tenant == self._tenant, or_(_holds(messages.c.text, person), _holds(messages.c.body, person))
        )
        return sorted(self._session.execute(by_ticket.union(by_message)).scalars())


def _holds(column: ColumnElement[str], person: Person) -> ColumnElement[bool]:
    """Whether a text could hold an identifier; the order number stands for a name together with it."""
    digits = func.regexp_replace(column, r"\D", "", "g")
    words = (*person.emails, *person.external_ids, *((person.order_no,) if person.order_no else ()))
    return or_(
        *(column.icontains(word, autoescape=True) for word in words),
        *(digits.contains(phone) for phone in person.phones),
        column.is_(None) & column.is_not(None),  # an empty `or` is deprecated
    )


def _why(ticket: Ticket, person: Person) -> Why | None:
    everything = _texts(ticket, customer_only=False)
    if ticket.requester.email.strip().lower() in person.emails:
        return Why.REQUESTER
    if ticket.external_id and ticket.external_id.strip() in person.external_ids:
        return Why.EXTERNAL
    if person.order_no and person.name and fold(person.order_no) in fold(everything) and _named(person.name, ticket):
        return Why.NAME_AND_ORDER
    if any(phone_pattern(phone).search(_texts(ticket, customer_only=True)) for phone in person.phones):
        return Why.MENTION if ticket.requester.email and person.emails else Why.PHONE
    patterns = [re.compile(rf"(?<!\w){re.escape(email)}(?!\w)") for email in person.emails]
    patterns += [phone_pattern(phone) for phone in person.phones]
    return Why.MENTION if any(pattern.search(everything.lower()) for pattern in patterns) else None


def phone_pattern(digits: str) -> re.Pattern[str]:
    """A number in any grouping, with or without its country code, and not a part of a longer one."""
    return re.compile(rf"(?<!\d)(?:(?:\+|00)?48{_BETWEEN_DIGITS})?{_BETWEEN_DIGITS.join(digits)}(?!\d)")


def _named(name: str, ticket: Ticket) -> bool:
    """Whether every word of the name stands in the ticket, in any case ending."""
    text = fold(f"{ticket.requester.name}\n{_texts(ticket, customer_only=False)}")
    stems = [word if len(word) <= _SHORT_NAME else word[:-1] for word in re.findall(r"\w+", fold(name))]
    return all(re.search(rf"(?<!\w){re.escape(stem)}{_CASE_ENDING}(?!\w)", text) for stem in stems)


def _texts(ticket: Ticket, *, customer_only: bool) -> str:
    messages = (one for one in ticket.messages if not customer_only or one.author is Author.CUSTOMER)
    return "\n".join([ticket.subject, *ticket.order.values(), *(message.text for message in messages)])
