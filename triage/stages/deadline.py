"""The deadline stage: every clock that runs on a ticket, from its category, its dates and who bought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from triage.calendars.clock_table import SHIPPED as SHIPPED_CLOCKS
from triage.calendars.clock_table import Carriage, ClockTable, Sale
from triage.calendars.clocks import BUYER_PARTY, ClockReport, ClockRequest, known_dates, start_clocks
from triage.calendars.regime import SHIPPED as SHIPPED_REGIMES
from triage.calendars.regime import RegimeTable
from triage.calendars.remedies import SHIPPED as SHIPPED_REMEDIES
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import SHIPPED as SHIPPED_RULES
from triage.calendars.rules import RuleTable
from triage.domain.classification import Classification, Facts
from triage.domain.deadline import Deadline
from triage.domain.redaction import RedactedTicket
from triage.errors import ConfigurationError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Law:
    """The four tables of the law room: rules, which of them start, which law governs, what may be asked."""

    rules: RuleTable
    clocks: ClockTable
    regimes: RegimeTable
    remedies: RemedyTable

    @classmethod
    def load(
        cls,
        rules: Path = SHIPPED_RULES,
        clocks: Path = SHIPPED_CLOCKS,
        regimes: Path = SHIPPED_REGIMES,
        remedies: Path = SHIPPED_REMEDIES,
    ) -> Law:
        """Read and check all four files.

        Raises:
            ConfigurationError: lists every fault of every file (clocks are checked once the rules are sound).
        """
        faults: list[str] = []
        regime_table = _collect(lambda: RegimeTable.load(regimes), faults)
        remedy_table = _collect(lambda: RemedyTable.load(remedies), faults)
        rule_table = _collect(lambda: RuleTable.load(rules), faults)
        clock_table = _collect(lambda: ClockTable.load(rule_table, clocks), faults) if rule_table else None
        if not (rule_table and clock_table and regime_table and remedy_table):
            raise ConfigurationError(faults)
        return cls(rule_table, clock_table, regime_table, remedy_table)

    @property
    def version(self) -> str:
        """Versions of all tables, for the case's provenance."""
        return (
            f"rules@{self.rules.version} clocks@{self.clocks.version} "
            f"regime@{self.regimes.version} remedies@{self.remedies.version}"
        )


def compute_deadlines(
    ticket: RedactedTicket, classification: Classification, facts: Facts, law: Law, language: str = "pl"
) -> tuple[Deadline, ...]:
    """Compute the terms the desk must keep on a ticket.

    Args:
        ticket: its ``order`` data may hold dates (``delivered_on`` …), ``buyer_type``, ``buyer_name``, ``sale`` and
            ``carrier_terms``; values that are not known count as not given.
        classification: category, further categories, remedies and buyer.
        facts: dates named in the text; order data win over them.
        law: the tables.
        language: of the words on the clocks, ``pl`` or ``en``.

    Returns:
        Deadlines, the earliest ``safe_due`` first.
    """
    return report_clocks(ticket, classification, facts, law, language).deadlines


def report_clocks(
    ticket: RedactedTicket, classification: Classification, facts: Facts, law: Law, language: str = "pl"
) -> ClockReport:
    """Like :func:`compute_deadlines`, with the periods that run besides and the questions to ask."""
    order = ticket.order
    buyer = _known(order.get("buyer_type", ""), tuple(BUYER_PARTY))
    if buyer == "unknown":
        buyer = _known(classification.buyer, tuple(BUYER_PARTY))
    codes = (classification.code, *classification.secondary)
    request = ClockRequest(
        codes=codes,
        buyer="business" if law.regimes.is_company(order.get("buyer_name", "")) else buyer,
        received_at=ticket.received_at,
        dates=known_dates(facts, order, law.clocks),
        remedies=frozenset(classification.remedies),
        events=law.clocks.cues.events_in(ticket.request, law.clocks.events_for(codes)),
        sale=_known(order.get("sale", ""), tuple(Sale)),
        carriage=_known(order.get("carrier_terms", ""), tuple(Carriage)),
        language=language,
    )
    return start_clocks(request, law.rules, law.clocks)


def _known(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else "unknown"


def _collect(load: Callable[[], T], faults: list[str]) -> T | None:
    try:
        return load()
    except ConfigurationError as error:
        faults += error.faults
        return None
