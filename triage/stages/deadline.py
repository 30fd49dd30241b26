"""The deadline stage: every clock that runs on a ticket, from its category, its dates and who bought."""

from __future__ import annotations

from triage.calendars.clock_table import Carriage, ClockTable
from triage.calendars.clocks import BUYER_PARTY, ClockReport, ClockRequest, known_dates, start_clocks
from triage.calendars.regime import RegimeTable
from triage.calendars.rules import RuleTable
from triage.calendars.sale import form_of_sale
from triage.domain.classification import Classification, Facts
from triage.domain.deadline import Deadline
from triage.domain.redaction import RedactedTicket


def compute_deadlines(
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    rules: RuleTable,
    clocks: ClockTable,
    regimes: RegimeTable,
    language: str = "pl",
) -> tuple[Deadline, ...]:
    """Compute the terms the desk must keep on a ticket.

    Args:
        ticket: its ``order`` data may hold dates (``delivered_on`` …), ``buyer_type``, ``buyer_name``, ``sale`` and
            ``carrier_terms``; values that are not known count as not given.
        classification: category, further categories, remedies and buyer.
        facts: dates named in the text; order data win over them.
        rules: lengths of all terms, dated.
        clocks: which rules a category starts, and from which dates.
        regimes: tells company forms in the buyer's name.
        language: of the words on the clocks, ``pl`` or ``en``.

    Returns:
        Deadlines, the earliest ``safe_due`` first.
    """
    return report_clocks(ticket, classification, facts, rules, clocks, regimes, language).deadlines


def report_clocks(
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    rules: RuleTable,
    clocks: ClockTable,
    regimes: RegimeTable,
    language: str = "pl",
) -> ClockReport:
    """Like :func:`compute_deadlines`, with the periods that run besides and the questions to ask."""
    order = ticket.order
    buyer = _known(order.get("buyer_type", ""), tuple(BUYER_PARTY))
    if buyer == "unknown":
        buyer = _known(classification.buyer, tuple(BUYER_PARTY))
    codes = classification.matters or (classification.code, *classification.secondary)
    request = ClockRequest(
        codes=codes,
        buyer="business" if regimes.is_company(order.get("buyer_name", "")) else buyer,
        received_at=ticket.received_at,
        dates=known_dates(facts, order, clocks),
        remedies=frozenset(classification.remedies),
        events=clocks.cues.events_in(ticket.request, clocks.events_for(codes)),
        sale=form_of_sale(ticket.request, order, clocks),
        carriage=_known(order.get("carrier_terms", ""), tuple(Carriage)),
        language=language,
    )
    return start_clocks(request, rules, clocks)


def _known(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else "unknown"
