"""Which rules start for which category, from which dates: ``clocks.yaml``, checked against the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from triage.calendars.events import EventCues, read_cues
from triage.calendars.reading import Section, read_yaml
from triage.calendars.rules import RuleTable
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("clocks.yaml")
RECEIPT = "receipt"
ASSUMPTIONS = ("unknown_buyer", "sole_trader", "unknown_sale", "unknown_carrier", "working_term")


class Sale(StrEnum):
    """How the contract was concluded; only the last three give a right to withdraw without a reason."""

    UNKNOWN = "unknown"
    SHOP = "shop"
    DISTANCE = "distance"
    OFF_PREMISES = "off_premises"
    UNSOLICITED_VISIT = "unsolicited_visit"


class Carriage(StrEnum):
    """Law of the parcel: Prawo przewozowe, Prawo pocztowe, CMR."""

    UNKNOWN = "unknown"
    PP = "pp"
    POST = "post"
    CMR = "cmr"


@dataclass(frozen=True, slots=True)
class Wording:
    """The same sentence in Polish and English; empty when there is nothing to say."""

    pl: str = ""
    en: str = ""

    def in_language(self, language: str) -> str:
        """Polish for ``pl``, English for every other language."""
        return self.pl if language == "pl" else self.en


@dataclass(frozen=True, slots=True)
class DateSource:
    """A kind of date an event can be dated by.

    Attributes:
        assumed: says so when it only stands in for the true date.
        ahead: the date may lie after the receipt.
    """

    kind: str
    assumed: Wording
    ahead: bool


@dataclass(frozen=True, slots=True)
class Trigger:
    """How an event gets its date: the first source known wins; ``ask`` is the question when none is."""

    sources: tuple[DateSource, ...]
    ask: Wording


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is read into a ticket that does not say, and the question that settles it, if one does."""

    assumed: Wording
    ask: Wording


@dataclass(frozen=True, slots=True)
class ClockStart:
    """A rule a category may start, and the conditions (all must hold; an empty one always does).

    Attributes:
        kinds: accept only these kinds of date; without them the clock stays silent instead of asking.
        needs: kinds of date that must be known.
        asks: ask even though ``kinds`` is given.
        sale: forms of sale it needs, an unknown one counts unless ``sale_known``; ``carriage`` likewise.
        ends_as: kind of date under which the legal end of this clock is known to the clocks after it.
    """

    rule: str
    kinds: tuple[str, ...]
    asks: bool
    needs: frozenset[str]
    events: frozenset[str]
    unless: frozenset[str]
    remedies: frozenset[str]
    sale: frozenset[str]
    sale_known: bool
    carriage: frozenset[str]
    carriage_known: bool
    ends_as: str


@dataclass(frozen=True, slots=True)
class ClockTable:
    """Categories, triggers, order keys and cues of ``clocks.yaml``."""

    version: str
    order_keys: Mapping[str, str]
    triggers: Mapping[str, Trigger]
    assumptions: Mapping[str, Assumption]
    categories: Mapping[str, tuple[ClockStart, ...]]
    cues: EventCues

    @classmethod
    def load(cls, rules: RuleTable, path: Path = SHIPPED) -> ClockTable:
        """Read and check a clock file against the rules it names.

        Args:
            rules: every rule a category starts must be in it, and every trigger of it must be known here.
            path: YAML in the form of the shipped ``clocks.yaml``.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        top = read_yaml(path, faults)
        order_keys = top.section("order_keys")
        triggers = top.section("triggers")
        cues = top.section("cues")
        categories = top.section("categories")
        known_events = frozenset(cues.keys())
        table = cls(
            version=top.text("version"),
            order_keys={key: order_keys.text(key) for key in order_keys.keys()},
            triggers={name: _trigger(triggers.section(name)) for name in triggers.keys()},
            assumptions=_assumptions(top.section("assumptions")),
            categories={
                code: tuple(_start(start, rules, known_events) for start in categories.sections(code))
                for code in categories.keys()
            },
            cues=read_cues(cues),
        )
        top.close()
        faults += [f"{path.name}: {fault}." for fault in table.faults_against(rules)]
        if faults:
            raise ConfigurationError(faults)
        return table

    def events_for(self, codes: Iterable[str]) -> frozenset[str]:
        """Events that decide about any clock of these categories."""
        starts = (start for code in codes for start in self.categories.get(code, ()))
        return frozenset().union(*(start.events | start.unless for start in starts))

    def faults_against(self, rules: RuleTable) -> list[str]:
        """What does not fit between this table and the rules: missing triggers, kinds of date a trigger has not."""
        needed = {version.trigger for versions in rules.rules.values() for version in versions}
        faults = [f"triggers: {name!r} of the rule table is missing" for name in sorted(needed - set(self.triggers))]
        for code, starts in self.categories.items():
            for start in starts:
                trigger = self.triggers.get(rules.rules[start.rule][-1].trigger) if start.rule in rules.rules else None
                known = {source.kind for source in trigger.sources} if trigger else set(start.kinds)
                faults += [
                    f"categories {code}: {start.rule} cannot start from {kind!r}, its trigger has no such date"
                    for kind in start.kinds
                    if kind not in known
                ]
        return faults


def _assumptions(section: Section) -> dict[str, Assumption]:
    assumptions = {}
    for name in ASSUMPTIONS:
        entry = section.section(name)
        assumptions[name] = Assumption(
            Wording(entry.text("assumed_pl"), entry.text("assumed_en")),
            Wording(entry.text("ask_pl", default=""), entry.text("ask_en", default="")),
        )
        entry.close()
    section.close()
    return assumptions


def _trigger(section: Section) -> Trigger:
    sources = []
    for source in section.sections("sources"):
        assumed = Wording(source.text("assumed_pl", default=""), source.text("assumed_en", default=""))
        sources.append(DateSource(source.text("date"), assumed, source.flag("ahead")))
        source.close()
    trigger = Trigger(tuple(sources), Wording(section.text("ask_pl", default=""), section.text("ask_en", default="")))
    section.close()
    return trigger


def _start(section: Section, rules: RuleTable, events: frozenset[str]) -> ClockStart:
    start = ClockStart(
        rule=section.text("rule"),
        kinds=section.texts("from"),
        asks=section.flag("ask"),
        needs=frozenset(section.texts("needs")),
        events=frozenset(section.texts("events", events)),
        unless=frozenset(section.texts("unless", events)),
        remedies=frozenset(section.texts("remedies")),
        sale=frozenset(section.texts("sale", tuple(Sale))),
        sale_known=section.flag("known_sale"),
        carriage=frozenset(section.texts("carrier", tuple(Carriage))),
        carriage_known=section.flag("known_carrier"),
        ends_as=section.text("ends_as", default=""),
    )
    if start.rule not in rules.rules:
        section.fault(f"rule {start.rule!r} is not in the rule table")
    section.close()
    return start
