"""Extract: facts named in the ticket with their place and confidence, and what is still missing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from triage.domain.classification import Fact, Facts
from triage.domain.redaction import RedactedTicket
from triage.domain.ticket import Author
from triage.recognisers.facts import Finding, find_facts

WARSAW: Final = ZoneInfo("Europe/Warsaw")
SUBJECT: Final = "subject"
"""``message_id`` of facts that stand in the subject."""
# a fact of the second kind answers a question for the first
_STANDS_FOR: Final = {
    "product": ("model", "serial"),
    "purchase_date": ("delivery_date",),
    "delivery_date": (),
    "fault": ("error_code", "injury"),
    "batch": ("serial",),
    "guarantee_card": ("purchase_date",),
    "identity": ("order_no",),
}


def extract(ticket: RedactedTicket, *, today: date) -> Facts:
    """Find the facts of the subject and of every message.

    Args:
        today: no relative word is read from a later day, e.g. when a message's clock ran ahead.

    Returns:
        Facts in reading order: the subject's first, then message by message. Relative words („wczoraj”) count from the
        day their own message was written, in Warsaw.
    """
    received = min(ticket.received_at.astimezone(WARSAW).date(), today)
    items = [_fact(SUBJECT, ticket.subject, finding) for finding in find_facts(ticket.subject, received, by_desk=False)]
    for message in ticket.messages:
        written = min(message.at.astimezone(WARSAW).date(), today)
        by_desk = message.author is Author.AGENT
        items += [
            _fact(message.id, message.body, finding) for finding in find_facts(message.body, written, by_desk=by_desk)
        ]
    return Facts(tuple(items))


def missing_evidence(facts: Facts, wanted: Collection[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """Kinds of ``wanted`` that neither the text nor the case tells, in their order, each once: ask in one letter.

    Args:
        wanted: :attr:`triage.domain.company.Category.evidence`.
        known: kinds known from elsewhere: the shop's order data, ``remedy`` when the customer named one.
    """
    there = {fact.kind for fact in facts.items} | set(known)
    return tuple(
        kind
        for kind in dict.fromkeys(wanted)
        if kind not in there and not there.intersection(_STANDS_FOR.get(kind, ()))
    )


def _fact(message_id: str, text: str, finding: Finding) -> Fact:
    return Fact(
        finding.kind,
        finding.value,
        text[finding.start : finding.end],
        message_id,
        finding.start,
        finding.end,
        finding.confidence,
    )
