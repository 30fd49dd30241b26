"""Finding a person in one tenant's tickets: by address, number, helpdesk id, or name together with an order."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.tickets import SqlTicketRepository
from triage.domain.folding import fold
from triage.domain.privacy import Person, Trace, Why, name_pattern, phone_pattern
from triage.domain.ticket import Author, Ticket


class SqlSubjectFinder:
    """Reads every ticket that could be a person's; what SQL finds roughly is checked word by word."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant
        self._tickets = SqlTicketRepository(session, tenant)

    def find(self, person: Person) -> tuple[Trace, ...]:
        """Tickets that are the person's or mention them, by id."""
        found: dict[str, Why] = {}
        for ticket_id in self._candidates(person):
            why = _why(self._tickets.get(ticket_id), person)
            if why is not None:
                found[ticket_id] = why
        return tuple(Trace(ticket_id, why) for ticket_id, why in sorted(found.items()))

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


def _named(name: str, ticket: Ticket) -> bool:
    """Whether every word of the name stands in the ticket, in any case ending."""
    text = fold(f"{ticket.requester.name}\n{_texts(ticket, customer_only=False)}")
    return all(name_pattern(word).search(text) for word in re.findall(r"\w+", fold(name)))


def _texts(ticket: Ticket, *, customer_only: bool) -> str:
    messages = (one for one in ticket.messages if not customer_only or one.author is Author.CUSTOMER)
    return "\n".join([ticket.subject, *ticket.order.values(), *(message.text for message in messages)])
