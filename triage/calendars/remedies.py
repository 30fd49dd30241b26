"""What a customer may ask for now, demand by demand, with the article and a plain sentence. It advises, never decides.

Order for consumers: repair or replacement first (UPK art. 43d), then price reduction or withdrawal (art. 43e)
with its exceptions; the seller bears the burden of proof for two years (art. 43c). Between businesses: KC art. 558-568.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from triage.calendars.clock_table import Sale, Wording
from triage.calendars.clocks import Question
from triage.calendars.periods import DATE_FACTS, NOT_INFORMED, CaseDates, Periods, RegimeTerms
from triage.calendars.reading import Section, read_yaml
from triage.calendars.rules import RuleTable
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("remedies.yaml")
ANY_REGIME = "any"
CASE_FACTS = frozenset(
    {
        "failed_repair", "refused", "not_in_time", "serious", "insignificant", "hidden_by_seller",
        "excluded_by_contract", "art38", NOT_INFORMED,
    }
)  # fmt: skip
"""Facts a person or an extractor states about the case."""


class Verdict(StrEnum):
    """What the table says of a demand; ``PERSON_DECIDES`` where facts or judgement are needed."""

    MAY_ASK = "may_ask"
    NOT_YET = "not_yet"
    NOT_HERE = "not_here"
    PERSON_DECIDES = "person_decides"


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
    """Advice on every demand the table knows, and the periods it rests on."""

    advice: tuple[DemandAdvice, ...]
    periods: Periods


@dataclass(frozen=True, slots=True)
class _Row:
    regimes: frozenset[str]
    demands: frozenset[str]
    facts: frozenset[str]
    not_facts: frozenset[str]
    advice: DemandAdvice


@dataclass(frozen=True, slots=True)
class RemedyTable:
    """The rows of ``remedies.yaml``.

    Attributes:
        terms: by regime, the rules that bound it.
    """

    version: str
    terms: Mapping[str, RegimeTerms]
    rows: tuple[_Row, ...]

    @classmethod
    def load(cls, rules: RuleTable, path: Path = SHIPPED) -> RemedyTable:
        """Read and check a remedy file against the rules it names.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        top = read_yaml(path, faults)
        terms = top.section("terms")
        table = cls(
            version=top.text("version"),
            terms={regime: RegimeTerms.read(terms.section(regime), rules) for regime in terms.keys()},
            rows=tuple(_row(section) for section in top.sections("rows")),
        )
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
        periods = self.terms.get(regime, RegimeTerms()).periods(dates, rules, sale, stated)
        known = stated | periods.facts
        found = (self._advise(demand, regime, known) for demand in dict.fromkeys(demands))
        return DemandCheck(tuple(advice for advice in found if advice), periods)

    def _advise(self, demand: str, regime: str, facts: frozenset[str]) -> DemandAdvice | None:
        for row in self.rows:
            fits = demand in row.demands and row.regimes & {regime, ANY_REGIME}
            if fits and row.facts <= facts and not row.not_facts & facts:
                return replace(row.advice, demand=demand)
        return None


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
