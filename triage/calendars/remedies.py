"""What a customer may ask for now, demand by demand, with the article and a plain sentence. It advises, never decides.

Order for consumers: repair or replacement first (UPK art. 43d), then price reduction or withdrawal (art. 43e)
with its exceptions; the seller bears the burden of proof for two years (art. 43c). Between businesses: KC art. 558-568.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from triage.calendars.clock_table import Sale, Wording
from triage.calendars.clocks import Question
from triage.calendars.counting import count
from triage.calendars.reading import Section, read_yaml
from triage.calendars.rules import RuleTable
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("remedies.yaml")
ANY_REGIME = "any"
CASE_FACTS = frozenset(
    {
        "failed_repair", "refused", "not_in_time", "serious", "insignificant", "hidden_by_seller",
        "excluded_by_contract", "art38", "no_withdrawal_info",
    }
)  # fmt: skip
"""Facts a person or an extractor states about the case."""
DATE_FACTS = frozenset(
    {
        "liability_over",
        "liability_open",
        "window_open",
        "window_closed",
        "window_extended",
        "not_notified",
    }
)
"""Facts this module derives from dates and rules."""

_LIABILITY = {
    "nonconformity": "UPK-43C-LIAB",
    "digital": "UPK-43L-DIG-LIAB",
    "b2b_rekojmia": "KC-568-REKOJMIA",
    "rekojmia_before_2023": "KC-568-REKOJMIA",
    "guarantee": "KC-577-DEFAULT",
}
_PRESUMPTION = {"nonconformity": "UPK-43C-PRESUMP", "digital": "UPK-43L-DIG-PRESUMP"}


class Verdict(StrEnum):
    """What the table says of a demand; ``PERSON_DECIDES`` where facts or judgement are needed."""

    MAY_ASK = "may_ask"
    NOT_YET = "not_yet"
    NOT_HERE = "not_here"
    PERSON_DECIDES = "person_decides"


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
class DemandAdvice:
    """Advice on one demand: verdict, ground in law, a sentence for the agent; ``row`` names the table row."""

    demand: str
    verdict: Verdict
    article: str
    wording: Wording
    row: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class DemandCheck:
    """Advice on every demand the table knows.

    Attributes:
        liability_until: last day of the seller's (guarantor's) liability; None without a delivery date.
        presumption_until: until when the lack is presumed to have existed at delivery.
        window_until: last day to withdraw without a reason, with the 12 months of art. 29 where they apply.
    """

    advice: tuple[DemandAdvice, ...]
    facts: frozenset[str]
    liability_until: date | None
    presumption_until: date | None
    window_until: date | None


@dataclass(frozen=True, slots=True)
class _Row:
    regimes: frozenset[str]
    demands: frozenset[str]
    facts: frozenset[str]
    not_facts: frozenset[str]
    advice: DemandAdvice


@dataclass(frozen=True, slots=True)
class RemedyTable:
    """The rows of ``remedies.yaml``."""

    version: str
    rows: tuple[_Row, ...]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> RemedyTable:
        """Read and check a remedy file.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        top = read_yaml(path, faults)
        table = cls(version=top.text("version"), rows=tuple(_row(section) for section in top.sections("rows")))
        top.close()
        if faults:
            raise ConfigurationError(faults)
        return table

    def check(
        self,
        demands: Iterable[str],
        regime: str,
        dates: CaseDates,
        rules: RuleTable,
        *,
        facts: Iterable[str] = (),
        sale: str = Sale.UNKNOWN,
    ) -> DemandCheck:
        """Say of each demand whether the customer may ask it now.

        Args:
            demands: codes of the taxonomy (``NAPRAWA``, ``ZWROT14`` …); codes without a row are left out.
            regime: as chosen by :class:`triage.calendars.regime.RegimeTable`.
            dates: what is known of the case's days.
            rules: lengths of liability, presumption and withdrawal.
            facts: members of :data:`CASE_FACTS`.
            sale: form of the contract; a home visit has 30 days to withdraw.

        Raises:
            ValueError: a fact is unknown.
        """
        stated = frozenset(facts)
        if unknown := stated - CASE_FACTS:
            raise ValueError(f"Unknown facts {sorted(unknown)}; known are {sorted(CASE_FACTS)}.")
        liability = _period(_LIABILITY.get(regime), dates, rules)
        presumption = _period(_PRESUMPTION.get(regime), dates, rules)
        window = _window(regime, dates, rules, sale)
        extended = _extended_window(window, dates, rules) if "no_withdrawal_info" in stated else None
        known = stated | _date_facts(regime, dates, liability, window, extended, rules)
        return DemandCheck(
            advice=tuple(
                advice for demand in dict.fromkeys(demands) if (advice := self._advise(demand, regime, known))
            ),
            facts=known,
            liability_until=liability,
            presumption_until=presumption,
            window_until=extended or window,
        )

    def _advise(self, demand: str, regime: str, facts: frozenset[str]) -> DemandAdvice | None:
        for row in self.rows:
            fits = demand in row.demands and row.regimes & {regime, ANY_REGIME}
            if fits and row.facts <= facts and not row.not_facts & facts:
                return replace(row.advice, demand=demand)
        return None


def _date_facts(
    regime: str,
    dates: CaseDates,
    liability: date | None,
    window: date | None,
    extended: date | None,
    rules: RuleTable,
) -> frozenset[str]:
    facts = set()
    if liability is not None:
        facts.add("liability_over" if (dates.defect_on or dates.declared_on) > liability else "liability_open")
    if window is not None:
        facts.add("window_open" if dates.declared_on <= window else "window_closed")
    if extended is not None and dates.declared_on <= extended:
        facts.add("window_extended")
    if regime == "b2b_rekojmia" and _notice_was_late(dates, rules):
        facts.add("not_notified")
    return frozenset(facts)


def _period(rule_id: str | None, dates: CaseDates, rules: RuleTable) -> date | None:
    """Last day of a liability or presumption period; these do not roll (KC art. 115 is for acts)."""
    if rule_id is None or dates.delivered_on is None:
        return None
    rule = rules.on(rule_id, dates.contract_on or dates.delivered_on)
    return None if rule is None else count(dates.delivered_on, rule.term).nominal


def _window(regime: str, dates: CaseDates, rules: RuleTable, sale: str) -> date | None:
    if regime != "withdrawal" or dates.delivered_on is None:
        return None
    rule = rules.on("UPK-27-WITHDRAW30" if sale == Sale.UNSOLICITED_VISIT else "UPK-27-WITHDRAW", dates.delivered_on)
    return None if rule is None else count(dates.delivered_on, rule.term).legal_due


def _extended_window(window: date | None, dates: CaseDates, rules: RuleTable) -> date | None:
    rule = rules.on("UPK-29-EXT", dates.declared_on)
    return None if window is None or rule is None else count(window, rule.term).legal_due


def _notice_was_late(dates: CaseDates, rules: RuleTable) -> bool:
    """Whether notice came after the working term; a defect seen on the day of delivery counts as visible."""
    rule = rules.on("KC-563-NOTIFY", dates.declared_on)
    if rule is None or dates.defect_on is None:
        return False
    visible = dates.delivered_on is not None and dates.defect_on <= dates.delivered_on
    term = rule.term_from("delivery_date" if visible else "defect_date")
    return dates.declared_on > count(dates.defect_on, term).nominal


def _row(section: Section) -> _Row:
    row_id = section.text("id")
    ask = Wording(section.text("ask_pl", default=""), section.text("ask_en", default=""))
    advice = DemandAdvice(
        demand="",
        verdict=section.choice("verdict", Verdict),
        article=section.text("article"),
        wording=Wording(section.text("pl"), section.text("en")),
        row=row_id,
        questions=(Question(row_id, ask),) if ask.pl else (),
    )
    known = CASE_FACTS | DATE_FACTS
    row = _Row(
        regimes=frozenset(section.texts("regimes")),
        demands=frozenset(section.texts("demands")),
        facts=frozenset(section.texts("facts", known)),
        not_facts=frozenset(section.texts("not_facts", known)),
        advice=advice,
    )
    section.close()
    return row
