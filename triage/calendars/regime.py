"""Which law governs a ticket: who bought, when, what, how, whom they address and what they call it.

The table is data (``regime.yaml``); this module reads missing answers protectively, says so, and asks. A tax number
(NIP) decides nothing: a natural person with one may be protected like a consumer; a company never is. A person may
change the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from triage.calendars.clock_table import Wording
from triage.calendars.clocks import Question
from triage.calendars.reading import FAR_PAST, Section, read_yaml
from triage.domain.folding import fold
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("regime.yaml")
UNKNOWN = ("unknown", "none", "")
FIELDS = ("buyer", "contract", "subject", "sale", "addressee", "basis")


@dataclass(frozen=True, slots=True)
class Situation:
    """The six questions of the selector; ``unknown`` where the ticket does not say.

    Attributes:
        buyer: ``consumer``, ``sole_trader``, ``business``; ``buyer_name`` with a company form overrides it.
        contract_date: when the contract was made.
        subject: ``goods``, ``digital_goods``, ``digital``, ``service``.
        sale: ``shop``, ``distance``, ``off_premises``, ``unsolicited_visit``.
        addressee: ``seller``, ``guarantor``, ``carrier``, ``repair_shop``.
        basis: ``niezgodnosc``, ``rekojmia``, ``gwarancja``, ``odstapienie``.
        buyer_name: name on the invoice, only looked at for a company form.
    """

    buyer: str = "unknown"
    contract_date: date | None = None
    subject: str = "unknown"
    sale: str = "unknown"
    addressee: str = "unknown"
    basis: str = "unknown"
    buyer_name: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark with its article, for the agent."""

    id: str
    article: str
    wording: Wording


@dataclass(frozen=True, slots=True)
class RegimeAdvice:
    """What governs the ticket as far as is known; advice, not a decision.

    Attributes:
        regime: ``nonconformity``, ``digital``, ``rekojmia_before_2023``, ``b2b_rekojmia``, ``guarantee``,
            ``withdrawal``, ``carrier``, ``service`` or ``none``.
        row: id of the row of the table that decided.
        answers: the six answers used, assumed ones included.
        assumed: what was read into the ticket; empty when all that matters is known.
    """

    regime: str
    row: str
    articles: tuple[str, ...]
    note: Wording
    answers: Mapping[str, str]
    assumed: tuple[Wording, ...]
    questions: tuple[Question, ...]
    warnings: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    values: frozenset[str]
    assume: str
    assumed: Wording
    ask: Wording


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    when: Mapping[str, frozenset[str]]
    regime: str
    articles: tuple[str, ...]
    note: Wording
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _WarningRow:
    when: Mapping[str, frozenset[str]]
    stated: tuple[str, ...]
    regimes: tuple[str, ...]
    remark: Remark
    ask: Wording


@dataclass(frozen=True, slots=True)
class RegimeTable:
    """The decision table of ``regime.yaml``."""

    version: str
    company_form: re.Pattern[str]
    periods: tuple[tuple[str, date], ...]
    fields: Mapping[str, _Field]
    rows: tuple[_Row, ...]
    warnings: tuple[_WarningRow, ...]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> RegimeTable:
        """Read and check a decision table.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        top = read_yaml(path, faults)
        fields = {name: _field(top.section("fields").section(name)) for name in FIELDS}
        periods = top.section("contract_periods")
        table = cls(
            version=top.text("version"),
            company_form=_pattern(top),
            periods=tuple((name, periods.day(name, FAR_PAST)) for name in periods.keys()),
            fields=fields,
            rows=tuple(_row(row, fields) for row in top.sections("rows")),
            warnings=tuple(_warning(row, fields) for row in top.sections("warnings")),
        )
        top.close()
        if not table.rows or table.rows[-1].when:
            faults.append(f"{path.name}: the last row needs an empty 'when', so that every ticket gets a regime.")
        if faults:
            raise ConfigurationError(faults)
        return table

    def is_company(self, name: str) -> bool:
        """Whether a name carries a company form (sp. z o.o., S.A., sp.k., sp.j. …)."""
        return bool(self.company_form.search(fold(name)))

    def select(self, situation: Situation) -> RegimeAdvice:
        """Choose the regime of a ticket; the first row that fits the answers wins."""
        given = self._given(situation)
        assumed = [name for name in FIELDS if given[name] in UNKNOWN]
        answers = {name: self.fields[name].assume if name in assumed else given[name] for name in FIELDS}
        row = next(row for row in self.rows if _fits(row.when, answers))
        warnings = [
            entry
            for entry in self.warnings
            if row.regime in entry.regimes and _fits(entry.when, answers) and not set(entry.stated) & set(assumed)
        ]
        used = [name for name in assumed if name in row.ask or name in row.when]
        return RegimeAdvice(
            regime=row.regime,
            row=row.id,
            articles=row.articles,
            note=row.note,
            answers=answers,
            assumed=tuple(self.fields[name].assumed for name in used),
            questions=(
                *(Question(name, self.fields[name].ask) for name in used),
                *(Question(entry.remark.id, entry.ask) for entry in warnings if entry.ask.pl),
            ),
            warnings=tuple(entry.remark for entry in warnings),
        )

    def _given(self, situation: Situation) -> dict[str, str]:
        contract = "unknown"
        if situation.contract_date is not None:
            contract = [name for name, first in self.periods if first <= situation.contract_date][-1]
        return {
            "buyer": "business" if self.is_company(situation.buyer_name) else situation.buyer,
            "contract": contract,
            "subject": situation.subject,
            "sale": situation.sale,
            "addressee": situation.addressee,
            "basis": situation.basis,
        }


def _fits(when: Mapping[str, frozenset[str]], answers: Mapping[str, str]) -> bool:
    return all(answers[name] in values for name, values in when.items())


def _pattern(top: Section) -> re.Pattern[str]:
    forms = top.texts("company_forms")
    try:
        return re.compile(r"\b(?:" + "|".join(forms) + ")") if forms else re.compile("(?!)")
    except re.error as error:
        top.fault(f"'company_forms' is no regular expression ({error})")
        return re.compile("(?!)")


def _field(section: Section) -> _Field:
    values = section.texts("values")
    field = _Field(
        values=frozenset(values),
        assume=section.text("assume"),
        assumed=Wording(section.text("assumed_pl"), section.text("assumed_en")),
        ask=Wording(section.text("ask_pl"), section.text("ask_en")),
    )
    if field.assume not in values:
        section.fault("'assume' needs one of 'values'")
    section.close()
    return field


def conditions(section: Section, fields: Mapping[str, _Field]) -> dict[str, frozenset[str]]:
    """Conditions of a row: field to allowed values; an unknown field or value is a fault."""
    when = {}
    for name in section.keys():
        if name in fields:
            when[name] = frozenset(section.texts(name, fields[name].values))
        else:
            section.fault(f"{name!r} is no field")
    return when


def _row(section: Section, fields: Mapping[str, _Field]) -> _Row:
    row = _Row(
        id=section.text("id"),
        when=conditions(section.section("when"), fields),
        regime=section.text("regime"),
        articles=section.texts("articles"),
        note=Wording(section.text("note_pl"), section.text("note_en")),
        ask=section.texts("ask", FIELDS),
    )
    section.close()
    return row


def _warning(section: Section, fields: Mapping[str, _Field]) -> _WarningRow:
    entry = _WarningRow(
        when=conditions(section.section("when"), fields),
        stated=section.texts("stated", FIELDS),
        regimes=section.texts("regimes"),
        ask=Wording(section.text("ask_pl", default=""), section.text("ask_en", default="")),
        remark=Remark(section.text("id"), section.text("article"), Wording(section.text("pl"), section.text("en"))),
    )
    section.close()
    return entry
