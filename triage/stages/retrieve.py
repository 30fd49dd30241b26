"""Retrieve: the passages a reply may rest on, valid on the day the ticket came in."""

from __future__ import annotations

from datetime import date

from knowledge_base.answer import ScoredPassage, SearchFilters
from triage.domain.classification import Facts
from triage.domain.redaction import RedactedTicket
from triage.ports import Retriever

MAX_QUERY_CHARS = 1_000


def retrieve(
    ticket: RedactedTicket, facts: Facts, retriever: Retriever, *, today: date, limit: int = 5
) -> tuple[ScoredPassage, ...]:
    """Search with the newest thing the requester wrote, led by its subject and by the codes and products named in it.

    Returns:
        At most ``limit`` passages, best first; empty when the knowledge base has no answer.
    """
    customer = ticket.customer_messages
    newest = customer[-1].body if customer else ""
    named = {fact.value for kind in ("product", "model", "error_code") for fact in facts.of(kind)}
    query = " ".join([ticket.subject, *sorted(named), newest])[:MAX_QUERY_CHARS].strip()
    if not any(character.isalnum() for character in query):
        return ()
    return retriever.search(query, SearchFilters(valid_on=today), limit)
