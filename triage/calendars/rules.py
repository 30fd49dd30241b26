"""The table of statutory, policy and contract rules: dated data, loaded from ``rules.yaml``.

One id may have several versions in time; a day picks the version. The lawyer's file says the numbers; this module only
reads them. Engineering input, not legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from triage.calendars.counting import OfficeHours, Roll, Term, Unit
from triage.calendars.reading import FAR_FUTURE, FAR_PAST, Section, read_yaml
from triage.domain.deadline import Origin
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("rules.yaml")


class Party(StrEnum):
    """Whom a rule applies to (the buyer's side, or the third party it is about)."""

    CONSUMER = "B2C"
    PNPK = "PNPK"
    BUSINESS = "B2B"
    SUPPLIER = "SUPPLIER"
    CARRIER = "CARRIER"
    ALL = "ALL"


class Duty(StrEnum):
    """Who has to act before the date; ``NOBODY`` for periods of liability, presumption, guarantee or retention."""

    DESK = "desk"
    CUSTOMER = "customer"
    CARRIER = "carrier"
    NOBODY = "nobody"


class DatedBy(StrEnum):
    """Which day picks the version of a rule: that of the event, or that of the contract."""

    EVENT = "event"
    CONTRACT = "contract"


class Evidence(StrEnum):
    """What was seen of the rule: S act or current secondary source, W weak source, K background knowledge, P policy."""

    SEEN = "S"
    WEAK = "W"
    KNOWLEDGE = "K"
    POLICY = "P"


class Confidence(StrEnum):
    """How sure the rule is: high, medium, low."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule.

    Attributes:
        term: the length the law (or policy) gives.
        working_terms: where the law gives no number: the company's working numbers, by the kind of date they start from
            (``""`` for any other).
        due_from: kind of date that, when it lies ahead, is itself the due date ("by the date in the letter").
        lapses: a right is lost at the end; a term that ended before the ticket came is over, not overdue.
        buffer: working days of safety for this rule; None takes the table's setting.
        any_reply: any letter to the customer keeps it; others are kept by a letter that answers.
        valid_from: first and ``valid_to`` last day of this version (inclusive).
    """

    id: str
    trigger: str
    term: Term
    effect: str
    effect_pl: str
    source: str
    article: str
    applies: frozenset[Party]
    valid_from: date
    valid_to: date
    confidence: Confidence
    evidence: Evidence
    origin: Origin
    duty: Duty
    dated_by: DatedBy
    lapses: bool
    buffer: int | None
    due_from: str
    working_terms: Mapping[str, Term]
    any_reply: bool = False

    def applies_to(self, party: Party) -> bool:
        """Whether the rule holds for a buyer; rules about third parties hold whoever bought."""
        return bool(self.applies & {party, Party.ALL, Party.SUPPLIER, Party.CARRIER})

    def term_from(self, kind: str) -> Term:
        """The term when counted from a date of this kind."""
        return self.working_terms.get(kind) or self.working_terms.get("") or self.term


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """The company's choices, kept beside the rules.

    Attributes:
        buffer_working_days: how much earlier than the last working day the desk wants to be done.
        apply_7a_to_pnpk: reply to sole traders within 14 days by policy; the statute covers consumers only.
        office_hours: when hours "within office hours" run.
    """

    buffer_working_days: int
    apply_7a_to_pnpk: bool
    office_hours: OfficeHours


@dataclass(frozen=True, slots=True)
class RuleTable:
    """All versions of all rules, with the table's own version and settings."""

    version: str
    compiled: date
    note: str
    settings: RuleSettings
    rules: Mapping[str, tuple[Rule, ...]]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> RuleTable:
        """Read and check a rule file.

        Args:
            path: YAML in the form of the shipped ``rules.yaml``.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        top = read_yaml(path, faults)
        settings = _settings(top.section("settings"))
        acts = _acts(top.section("acts"))
        versions: dict[str, list[Rule]] = {}
        for section in top.sections("rules"):
            rule = _rule(section, acts, settings.office_hours)
            versions.setdefault(rule.id, []).append(rule)
        for rule_id, rules in versions.items():
            rules.sort(key=lambda rule: rule.valid_from)
            if any(later.valid_from <= earlier.valid_to for earlier, later in pairwise(rules)):
                faults.append(f"{path.name}: rules {rule_id}: two versions hold on the same day.")
        table = cls(
            version=top.text("version"),
            compiled=top.day("compiled", FAR_PAST),
            note=top.text("note"),
            settings=settings,
            rules={rule_id: tuple(rules) for rule_id, rules in versions.items()},
        )
        top.close()
        if faults:
            raise ConfigurationError(faults)
        return table

    def on(self, rule_id: str, day: date) -> Rule | None:
        """The version of a rule that holds on a day; None when none does.

        Raises:
            KeyError: the table has no such rule.
        """
        return next((rule for rule in self.rules[rule_id] if rule.valid_from <= day <= rule.valid_to), None)


def _settings(section: Section) -> RuleSettings:
    hours = section.section("office_hours")
    opens, closes = (_time_of_day(hours, key) for key in ("opens", "closes"))
    if opens >= closes:
        hours.fault("'opens' needs to be before 'closes'")
    hours.close()
    settings = RuleSettings(
        buffer_working_days=section.integer("buffer_working_days"),
        apply_7a_to_pnpk=section.flag("apply_7a_to_pnpk"),
        office_hours=OfficeHours(opens, closes),
    )
    section.close()
    return settings


def _time_of_day(section: Section, key: str) -> time:
    try:
        return time.fromisoformat(section.text(key))
    except ValueError:
        section.fault(f'{key!r} needs a time in quotes like "08:00"')
        return time.min if key == "opens" else time.max


def _acts(section: Section) -> dict[str, str]:
    return {act: section.text(act) for act in section.keys()}


def _rule(section: Section, acts: Mapping[str, str], office: OfficeHours) -> Rule:
    act = section.text("act")
    if act not in acts:
        section.fault(f"act {act!r} is not listed under 'acts'")
    article = section.text("article", default="")
    text_version = section.text("text", default=acts.get(act, act))
    applies = frozenset(Party(party) for party in section.texts("applies", tuple(Party)) if party in tuple(Party))
    if not applies:
        section.fault("'applies' needs at least one party")
    rule = Rule(
        id=section.text("id"),
        trigger=section.text("trigger"),
        term=_term(section, office),
        effect=section.text("effect"),
        effect_pl=section.text("effect_pl"),
        source=", ".join(part for part in (text_version, article) if part),
        article=f"{act} {article}".strip(),
        applies=applies,
        valid_from=section.day("valid_from", FAR_PAST),
        valid_to=section.day("valid_to", FAR_FUTURE),
        confidence=section.choice("confidence", Confidence),
        evidence=section.choice("evidence", Evidence),
        origin=section.choice("origin", Origin),
        duty=section.choice("duty", Duty),
        dated_by=section.choice("dated_by", DatedBy, DatedBy.EVENT),
        lapses=section.flag("lapses"),
        buffer=section.integer("buffer") if section.has("buffer") else None,
        due_from=section.text("due_from", default=""),
        working_terms=_working_terms(section, office),
        any_reply=section.flag("any_reply"),
    )
    if rule.valid_from > rule.valid_to:
        section.fault("'valid_from' needs to be on or before 'valid_to'")
    section.close()
    return rule


def _term(section: Section, office: OfficeHours) -> Term:
    unit = section.choice("unit", Unit)
    term = Term(
        n=section.integer("n"),
        unit=unit,
        roll=section.choice("roll", Roll),
        year_end=section.flag("year_end"),
        skips_days_off=section.flag("skips_days_off"),
        office_hours=office if section.flag("office_hours") else None,
    )
    if unit is Unit.NONE and (term.n or term.roll is not Roll.NONE):
        section.fault("a rule without a unit needs n: 0 and roll: none")
    if unit is Unit.HOUR and term.roll is not Roll.NONE:
        section.fault("a term in hours does not roll")
    return term


def _working_terms(section: Section, office: OfficeHours) -> dict[str, Term]:
    if not section.has("working_terms"):
        return {}
    terms = {}
    for entry in section.sections("working_terms"):
        terms[entry.text("from", default="")] = _term(entry, office)
        entry.close()
    return terms
