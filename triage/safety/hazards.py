"""What happened, read off the customer's words: the hazard table, and an entry of the register made with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.calendars.counting import count, local_day
from triage.calendars.reading import Section, read_yaml
from triage.calendars.rules import RuleTable
from triage.domain.case import TriageCase
from triage.domain.folding import fold
from triage.domain.safety import SafetyEntry
from triage.domain.ticket import Ticket
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("hazards.yaml")
OTHER = "other"
_PRODUCT = re.compile(r"[\w .,/()+-]{1,80}")
_PARTICULARS = ("product", "model", "batch", "serial")


@dataclass(frozen=True, slots=True)
class ClusterPolicy:
    """From how many cases, within how many days, complaints about one batch or one model raise an alert."""

    days: int
    batch: int
    model: int


@dataclass(frozen=True, slots=True)
class HazardTable:
    """Kinds of events, and what the law asks for when one is reported.

    Attributes:
        patterns: by id of the hazard, matched on folded text.
        names: by id, Polish and English.
        rule: id of the rule whose term ends an entry.
    """

    version: str
    article: str
    rule: str
    clusters: ClusterPolicy
    patterns: Mapping[str, re.Pattern[str]]
    names: Mapping[str, tuple[str, str]]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> HazardTable:
        """Read the table.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        data = read_yaml(path, faults)
        version, article, rule = data.text("version"), data.text("article"), data.text("rule")
        clusters = data.section("clusters")
        policy = ClusterPolicy(clusters.integer("days"), clusters.integer("batch"), clusters.integer("model"))
        clusters.close()
        read = [(one.text("id"), (one.text("pl"), one.text("en")), _pattern(one)) for one in data.sections("hazards")]
        data.close()
        if faults:
            raise ConfigurationError(faults)
        names, patterns = {id_: name for id_, name, _ in read}, {id_: pattern for id_, _, pattern in read}
        return cls(version, article, rule, policy, patterns, names)

    def events(self, text: str) -> tuple[str, ...]:
        """Ids of what the text reports, sorted; ``other`` when none is known."""
        folded = fold(text)
        return tuple(sorted(one for one, pattern in self.patterns.items() if pattern.search(folded))) or (OTHER,)


@dataclass(frozen=True, slots=True)
class DangerRegister:
    """Makes the register's entries.

    Attributes:
        flag: the flag that asks for an entry.
    """

    hazards: HazardTable
    rules: RuleTable
    flag: str

    def entry(self, ticket: Ticket, case: TriageCase) -> SafetyEntry | None:
        """The entry of a case, or ``None`` when nobody is in danger or no register was required yet."""
        found, received_on = case.classification, local_day(ticket.received_at)
        rule = self.rules.on(self.hazards.rule, received_on)
        if found is None or rule is None or self.flag not in found.flag_codes:
            return None
        written = "\n".join([ticket.subject, *(message.body for message in ticket.customer_messages)])
        told = {kind: _told(ticket, case, kind) for kind in _PARTICULARS}
        return SafetyEntry(
            case_id=ticket.id,
            received_on=received_on,
            events=self.hazards.events(written),
            product=told["product"],
            model=told["model"],
            batch=told["batch"],
            serial=told["serial"],
            article=self.hazards.article,
            erase_after=count(received_on, rule.term).legal_due,
        )


def _told(ticket: Ticket, case: TriageCase, kind: str) -> str:
    """What the shop passed along about the product, else what the text says; nothing that is no product's."""
    fact = case.facts.first(kind)
    told = ticket.order.get(kind, "").strip() or (fact.value if fact else "")
    return told if _PRODUCT.fullmatch(told) else ""


def _pattern(data: Section) -> re.Pattern[str]:
    try:
        return re.compile(data.text("pattern"))
    except re.error as error:
        data.fault(f"'pattern' is no regular expression ({error})")
        return re.compile("(?!)")
