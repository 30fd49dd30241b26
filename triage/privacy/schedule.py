"""The retention schedule: dated data that say how long what is kept, and what outlives a request for erasure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from triage.calendars.counting import Term, Unit, count
from triage.calendars.reading import Section, read_yaml
from triage.calendars.rules import Evidence
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("retention.yaml")
CASES = "cases"
NO_CATEGORY = "NONE"


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One line of the schedule.

    Attributes:
        store: where the data lie.
        categories: case categories, empty for all that no other class names.
        buyers: kinds of buyer, empty for any.
        starts: ``last_contact`` or ``created``.
        hold: whether an erasure request before the end leaves the record, pseudonymised.
        source: act and article, or that it is policy.
    """

    id: str
    store: str
    what: str
    what_pl: str
    categories: frozenset[str]
    buyers: frozenset[str]
    starts: str
    term: Term
    hold: bool
    source: str
    evidence: Evidence
    valid_from: date

    def ends(self, start: date) -> date:
        """The last day on which a record that began on ``start`` is kept."""
        return count(start, self.term).legal_due


@dataclass(frozen=True, slots=True)
class RetentionSchedule:
    """All classes; every case falls into exactly one."""

    version: str
    classes: tuple[RetentionClass, ...]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> RetentionSchedule:
        """Read the schedule.

        Raises:
            ConfigurationError: lists every fault of the file.
        """
        faults: list[str] = []
        data = read_yaml(path, faults)
        version = data.text("version")
        classes = tuple(_class(section) for section in data.sections("classes"))
        data.close()
        faults += _gaps(path.name, classes)
        if faults:
            raise ConfigurationError(faults)
        return cls(version, classes)

    def of_case(self, category: str | None, buyer: str, today: date) -> RetentionClass:
        """The class of a case, as the schedule stands on a day."""
        named = [one for one in self.of_store(CASES, today) if category_key(category) in one.categories]
        others = [one for one in self.of_store(CASES, today) if not one.categories]
        return next(one for one in (*named, *others) if not one.buyers or buyer in one.buyers)

    def of_store(self, store: str, today: date) -> tuple[RetentionClass, ...]:
        """Classes of a store that are in force, newest first."""
        found = (one for one in self.in_force(today) if one.store == store)
        return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))

    def in_force(self, today: date) -> tuple[RetentionClass, ...]:
        """Of each class the newest version that is in force on a day; an older one has given way to it."""
        valid = sorted((one for one in self.classes if one.valid_from <= today), key=lambda one: one.valid_from)
        newest = {one.id: one for one in valid}
        return tuple(one for one in self.classes if newest.get(one.id) is one)


def category_key(category: str | None) -> str:
    """The name under which the schedule lists a category; cases without one have a name too."""
    return category or NO_CATEGORY


def _class(data: Section) -> RetentionClass:
    found = RetentionClass(
        id=data.text("id"),
        store=data.text("store"),
        what=data.text("what"),
        what_pl=data.text("what_pl"),
        categories=frozenset(data.texts("categories")),
        buyers=frozenset(data.texts("buyers", ("consumer", "sole_trader", "business", "unknown"))),
        starts=data.text("from"),
        term=Term(data.integer("n"), data.choice("unit", Unit), year_end=data.flag("year_end")),
        hold=data.flag("hold"),
        source=data.text("source"),
        evidence=data.choice("evidence", Evidence),
        valid_from=data.day("valid_from", date.max),
    )
    if found.starts not in ("last_contact", "created"):
        data.fault("'from' needs one of last_contact, created")
    if found.term.unit not in (Unit.DAY, Unit.MONTH, Unit.YEAR):
        data.fault("'unit' needs one of cal_day, month, year")
    data.close()
    return found


def _gaps(name: str, classes: tuple[RetentionClass, ...]) -> list[str]:
    """Every case needs a class: some class of cases must take all categories and buyers."""
    rest = [one for one in classes if one.store == CASES and not one.categories and not one.buyers]
    return [] if rest else [f"{name}: needs a class of cases without 'categories' and 'buyers', for all others."]
