"""Rights: which regime governs the ticket, and whether each demand may be made now. It advises; a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from triage.calendars.clock_table import ClockTable, Wording
from triage.calendars.clocks import CONTRACT_DATES, ClockReport, known_dates
from triage.calendars.counting import local_day
from triage.calendars.periods import CaseDates
from triage.calendars.regime import RegimeTable, Situation
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import RuleTable
from triage.calendars.sale import form_of_sale
from triage.domain.classification import Classification, Facts
from triage.domain.company import Cue
from triage.domain.folding import fold
from triage.domain.redaction import RedactedTicket
from triage.domain.rights import DemandPosition, LegalPosition

_SUBJECT = {"C17": "digital_goods", "C03": "service", "C13": "service"}
_CLAIMS = frozenset({"C01", "C02", "C03", "C04", "C05", "C06", "C07", "C11", "C12", "C13", "C17"})


def advise(
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    clocks: ClockReport,
    tables: tuple[RuleTable, ClockTable, RegimeTable, RemedyTable],
    stated: Sequence[Cue],
    language: str = "pl",
) -> LegalPosition | None:
    """Choose the regime and check the demands.

    Args:
        clocks: what the deadline stage found; its periods and questions belong to the position.
        stated: cues of facts the customer states (``failed_repair`` …).
        language: of the agent.

    Returns:
        The position, or ``None`` for a ticket that is no claim.
    """
    if classification.matter not in _CLAIMS:
        return None
    rules, clock_table, regimes, remedies = tables
    dates = known_dates(facts, ticket.order, clock_table)
    contract_on = next((dates[kind] for kind in CONTRACT_DATES if kind in dates), None)
    situation = _situation(ticket, classification, contract_on, clock_table)
    choice = regimes.select(situation)
    days = CaseDates(
        declared_on=dates.get("statement_date", local_day(ticket.received_at)),
        delivered_on=dates.get("delivery_date"),
        defect_on=dates.get("defect_date"),
        contract_on=dates.get("purchase_date"),
    )
    folded = fold(ticket.request)
    said = {cue.code for cue in stated if cue.pattern.search(folded)}
    check = remedies.check(classification.remedies, choice.regime, days, rules, facts=said, sale=situation.sale)
    questions = [question.wording for question in choice.questions]
    questions += [question.wording for advice in check.advice for question in advice.questions]
    questions += [question.wording for question in clocks.questions]
    return LegalPosition(
        regime=choice.regime,
        articles=choice.articles,
        note=choice.note.in_language(language),
        assumed=_worded(choice.assumed, language),
        questions=_worded(questions, language),
        warnings=tuple(f"{one.wording.in_language(language)} ({one.article})" for one in choice.warnings),
        demands=tuple(
            DemandPosition(one.demand, one.verdict.value, one.article, one.wording.in_language(language))
            for one in check.advice
        ),
        periods=clocks.periods,
    )


def _situation(
    ticket: RedactedTicket, classification: Classification, contract_on: date | None, clocks: ClockTable
) -> Situation:
    basis = classification.legal_basis
    if basis == "none":
        basis = {"C04": "odstapienie", "C02": "gwarancja"}.get(classification.matter, "unknown")
    order = ticket.order
    return Situation(
        buyer=order.get("buyer_type") or classification.buyer,
        contract_date=contract_on,
        subject=_SUBJECT.get(classification.matter, "unknown"),
        sale=form_of_sale(ticket.request, order, clocks),
        basis=basis,
        buyer_name=order.get("buyer_name", ""),
    )


def _worded(wordings: Sequence[Wording], language: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wording.in_language(language) for wording in wordings))
