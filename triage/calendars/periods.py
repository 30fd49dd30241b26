"""How long liability, presumption and withdrawal last under a regime, and what the days of a case say of them.

Which rules bound a regime says ``remedies.yaml``, how long they are ``rules.yaml``; this module only counts.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import date

from triage.calendars.clock_table import Sale
from triage.calendars.counting import count
from triage.calendars.reading import Section
from triage.calendars.rules import RuleTable

NOT_INFORMED = "no_withdrawal_info"
"""The stated fact on which the term of withdrawal is extended."""
DATE_FACTS = frozenset(
    {"liability_over", "liability_open", "window_open", "window_closed", "window_extended", "not_notified"}
)
"""Facts that follow from dates and rules."""


@dataclass(frozen=True, slots=True)
class CaseDates:
    """Days known of a case; None where unknown.

    Attributes:
        delivered_on: possession by the buyer (goods) or supply (digital).
        defect_on: when the lack showed.
        declared_on: when a withdrawal was sent, or a complaint made; the day of receipt where nothing else is known.
        contract_on: picks the version of the law; ``delivered_on`` where unknown.
    """

    declared_on: date
    delivered_on: date | None = None
    defect_on: date | None = None
    contract_on: date | None = None


@dataclass(frozen=True, slots=True)
class Periods:
    """Last days of the periods of a case, and the facts that follow from them.

    Attributes:
        liability_until: last day of the seller's (guarantor's) liability; None without a delivery date.
        presumption_until: until when the lack is presumed to have existed at delivery.
        window_until: last day to withdraw without a reason, with the extension where it applies.
    """

    liability_until: date | None
    presumption_until: date | None
    window_until: date | None
    facts: frozenset[str]


@dataclass(frozen=True, slots=True)
class RegimeTerms:
    """Ids of the rules that bound a regime; empty where it knows no such term.

    Attributes:
        withdrawal_after_visit: in place of ``withdrawal`` after an unsolicited visit.
        withdrawal_extended: added to the window of a consumer who was not told of the right.
        notice: the term to notify of a defect.
    """

    liability: str = ""
    presumption: str = ""
    withdrawal: str = ""
    withdrawal_after_visit: str = ""
    withdrawal_extended: str = ""
    notice: str = ""

    @classmethod
    def read(cls, section: Section, rules: RuleTable) -> RegimeTerms:
        """Read the terms of one regime; a rule that the table lacks is a fault."""
        ids = {field.name: section.text(field.name, default="") for field in fields(cls)}
        for name, rule_id in ids.items():
            if rule_id and rule_id not in rules.rules:
                section.fault(f"{name!r} names {rule_id}, which is no rule")
        section.close()
        return cls(**ids)

    def periods(self, dates: CaseDates, rules: RuleTable, sale: str, stated: AbstractSet[str]) -> Periods:
        """Count the periods of a case.

        Args:
            sale: form of the contract, a :class:`~triage.calendars.clock_table.Sale`.
            stated: facts that people stated.
        """
        liability, window = _until(self.liability, dates, rules), self._window(dates, rules, sale)
        extended = self._extended(window, dates, rules) if NOT_INFORMED in stated else None
        facts = set()
        if liability is not None:
            facts.add("liability_over" if (dates.defect_on or dates.declared_on) > liability else "liability_open")
        if window is not None:
            facts.add("window_open" if dates.declared_on <= window else "window_closed")
        if extended is not None and dates.declared_on <= extended:
            facts.add("window_extended")
        if self._notice_was_late(dates, rules):
            facts.add("not_notified")
        return Periods(liability, _until(self.presumption, dates, rules), extended or window, frozenset(facts))

    def _window(self, dates: CaseDates, rules: RuleTable, sale: str) -> date | None:
        after_visit = sale == Sale.UNSOLICITED_VISIT and self.withdrawal_after_visit
        rule_id = after_visit or self.withdrawal
        if not rule_id or dates.delivered_on is None:
            return None
        rule = rules.on(rule_id, dates.delivered_on)
        return None if rule is None else count(dates.delivered_on, rule.term).legal_due

    def _extended(self, window: date | None, dates: CaseDates, rules: RuleTable) -> date | None:
        if window is None or not self.withdrawal_extended:
            return None
        rule = rules.on(self.withdrawal_extended, dates.declared_on)
        return None if rule is None else count(window, rule.term).legal_due

    def _notice_was_late(self, dates: CaseDates, rules: RuleTable) -> bool:
        """Whether notice came after the working term; a defect seen on the day of delivery counts as visible."""
        rule = rules.on(self.notice, dates.declared_on) if self.notice else None
        if rule is None or dates.defect_on is None:
            return False
        visible = dates.delivered_on is not None and dates.defect_on <= dates.delivered_on
        term = rule.term_from("delivery_date" if visible else "defect_date")
        return dates.declared_on > count(dates.defect_on, term).nominal


def _until(rule_id: str, dates: CaseDates, rules: RuleTable) -> date | None:
    """Last day of a liability or presumption period; these do not roll (KC art. 115 is for acts)."""
    if not rule_id or dates.delivered_on is None:
        return None
    rule = rules.on(rule_id, dates.contract_on or dates.delivered_on)
    return None if rule is None else count(dates.delivered_on, rule.term).nominal
