"""Labelled tickets out of the running service: what people said, about the text as it was filed.

A category counts when a person set or confirmed it, or gave it to a ticket of the blind sample; with ``approved``, also
when a person approved the reply that went out under it. That last one is weaker: whoever approved a letter need not
have looked at the category.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import islice

from training.ticket_history import LabelledTicket
from triage.domain.case import CaseState
from triage.domain.redaction import RedactedText
from triage.domain.ticket import Author, Ticket
from triage.learning.models import merged
from triage.ports import PersonalDataRecogniser, QueueFilter, QueueOrder, UnitOfWork, UnitOfWorkFactory
from triage.stages.redact import redact

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 500


def read_service(
    unit_of_work: UnitOfWorkFactory, tenant: str, recogniser: PersonalDataRecogniser, *, approved: bool = True
) -> list[LabelledTicket]:
    """Tickets whose category people gave, oldest first; personal data are replaced by placeholders.

    Args:
        approved: also tickets whose reply a person approved, under the category it went out with.
    """
    with unit_of_work(tenant) as uow:
        truths = merged(uow.corrections.truths(_BEGINNING), uow.blind_sample.truths(_BEGINNING))
        labels = dict(_approved(uow)) if approved else {}
        labels |= {ticket_id: truth.category for ticket_id, truth in truths.items()}
        tickets = [(uow.tickets.get(ticket_id), label) for ticket_id, label in sorted(labels.items())]
    found = [_labelled(ticket, label, recogniser) for ticket, label in tickets]
    return sorted((ticket for ticket in found if ticket.text), key=lambda ticket: ticket.time)


def read_unsorted(
    unit_of_work: UnitOfWorkFactory,
    tenant: str,
    recogniser: PersonalDataRecogniser,
    labelled: Collection[str],
    most: int,
) -> list[str]:
    """Texts of tickets whose category nobody gave, the latest to come in first, without personal data.

    Args:
        labelled: ids of those whose category people gave.
        most: how many are read at most.
    """
    with unit_of_work(tenant) as uow:
        others = (one for one in _by_newest(uow) if one not in labelled)
        tickets = [uow.tickets.get(ticket_id) for ticket_id in islice(others, most)]
    return [text for ticket in tickets if (text := as_filed(ticket, recogniser))]


def as_filed(ticket: Ticket, recogniser: PersonalDataRecogniser) -> RedactedText:
    """Subject and first message of the requester, redacted: what a model had to go by when the ticket came in."""
    redacted = redact(ticket, recogniser, token=secrets.token_hex(2)).ticket
    first = next((message.body for message in redacted.messages if message.author is Author.CUSTOMER), "")
    return RedactedText("\n\n".join(part for part in (redacted.subject, first) if part.strip()))


def _labelled(ticket: Ticket, label: str, recogniser: PersonalDataRecogniser) -> LabelledTicket:
    filed = ticket.received_at.astimezone(UTC).isoformat()
    return LabelledTicket(ticket.id, as_filed(ticket, recogniser), label, filed, ticket.id)


def _by_newest(uow: UnitOfWork) -> Iterator[str]:
    after = None
    while page := uow.cases.queue(QueueFilter(order=QueueOrder.NEWEST), limit=_PAGE, after=after):
        yield from (case.ticket_id for case in page)
        after = page[-1].ticket_id


def _approved(uow: UnitOfWork) -> Iterator[tuple[str, str]]:
    after = None
    while page := uow.cases.queue(QueueFilter(state=CaseState.SENT), limit=_PAGE, after=after):
        for case in page:
            if case.classification is not None:
                yield case.ticket_id, case.classification.code
        after = page[-1].ticket_id
