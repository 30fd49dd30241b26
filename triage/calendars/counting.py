"""Counting of terms: when does a period that began on a day end, by Polish civil law or by EU law.

* KC art. 111: a term in days ends with the end of its last day; the day of the event is not counted.
* KC art. 112: weeks, months, years end on the day of the same name or date, else on the last day of the month.
* KC art. 115: a term *to perform an act* that ends on a day off or a Saturday ends on the next day that is neither.
  Liability, presumption and guarantee periods are not terms to act and do not move.
* KC art. 118: limitation of two years or more ends on 31 December.
* Reg. (EEC, Euratom) 1182/71 art. 3 for terms of EU law: the event is not counted; a term that is not in hours moves
  off holidays, Sundays and Saturdays; a term of two days or more holds at least two working days.

>>> count(date(2026, 12, 10), Term(14, Unit.DAY, Roll.KC115), buffer_working_days=2)
DueDates(nominal=datetime.date(2026, 12, 24), legal_due=datetime.date(2026, 12, 28), \
previous_working_day=datetime.date(2026, 12, 23), safe_due=datetime.date(2026, 12, 21))
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from triage.calendars.holidays import (
    add_working_days,
    is_day_off,
    is_working_day,
    working_day_on_or_after,
    working_day_on_or_before,
)
from triage.domain.months import add_months

WARSAW = ZoneInfo("Europe/Warsaw")
UTC = ZoneInfo("UTC")


class Unit(StrEnum):
    """Unit of a term; ``NONE`` for duties without a number ("immediately")."""

    DAY = "cal_day"
    WORKING_DAY = "work_day"
    HOUR = "hour"
    MONTH = "month"
    YEAR = "year"
    NONE = "none"


class Roll(StrEnum):
    """What happens when the last day is a day off."""

    NONE = "none"
    KC115 = "kc115"
    EU1182 = "eu1182"


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Opening hours on working days, in Warsaw time."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time and how it is counted.

    Attributes:
        n: number of units, 0 or more.
        year_end: the end moves to 31 December when the term is two years or longer (KC art. 118).
        skips_days_off: Sundays and holidays inside the term are not counted (CMR art. 30).
        office_hours: hours run only then; None means around the clock.
    """

    n: int
    unit: Unit
    roll: Roll = Roll.NONE
    year_end: bool = False
    skips_days_off: bool = False
    office_hours: OfficeHours | None = None


@dataclass(frozen=True, slots=True)
class DueDates:
    """The dates of one term.

    Attributes:
        nominal: last day as counted.
        legal_due: last day by law, after the roll; never before ``nominal``.
        previous_working_day: ``nominal`` if it is a working day, else the last one before it: no buffer.
        safe_due: ``previous_working_day`` minus the buffer, never before the start; the day to aim at.
    """

    nominal: date
    legal_due: date
    previous_working_day: date
    safe_due: date


def local_day(moment: datetime) -> date:
    """The calendar day in Warsaw at an aware moment.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone before its day in Warsaw can be told.")
    return moment.astimezone(WARSAW).date()


def start_of_day(day: date) -> datetime:
    """Midnight in Warsaw at which the day begins."""
    return datetime.combine(day, time.min, tzinfo=WARSAW)


def roll_kc115(day: date) -> date:
    """The day itself, or the next one that is neither a day off nor a Saturday (KC art. 115)."""
    return working_day_on_or_after(day)


def roll_eu1182(start: date, last: date) -> date:
    """The last day of an EU term not in hours that began after ``start`` (Reg. 1182/71 art. 3 (4) and (5))."""
    rolled = working_day_on_or_after(last)
    if (last - start).days >= 2:
        return max(rolled, add_working_days(start, 2))
    return rolled


def add_hours(moment: datetime, n: int, office: OfficeHours | None = None) -> datetime:
    """The moment ``n`` elapsed hours later, in Warsaw time; across a clock change an hour stays 60 minutes.

    Args:
        moment: aware start.
        n: hours.
        office: count only inside these hours on working days; None counts around the clock.
    """
    if office is None:
        return (moment.astimezone(UTC) + timedelta(hours=n)).astimezone(WARSAW)
    left, at = timedelta(hours=n), moment.astimezone(WARSAW)
    while True:
        closes = datetime.combine(at.date(), office.closes, tzinfo=WARSAW)
        at = max(at, datetime.combine(at.date(), office.opens, tzinfo=WARSAW))
        if is_working_day(at.date()) and at <= closes:
            if closes - at >= left:
                return at + left
            left -= closes - at
        at = start_of_day(at.date() + timedelta(days=1))


def nominal_end(start: date, term: Term) -> date:
    """The last day of a term as counted, before any roll; the day of the event is not counted.

    Raises:
        ValueError: the term is in hours: those need a moment, see :func:`add_hours`.
    """
    match term.unit:
        case Unit.DAY:
            end = _add_days_skipping_days_off(start, term.n) if term.skips_days_off else start + timedelta(days=term.n)
        case Unit.WORKING_DAY:
            end = add_working_days(start, term.n)
        case Unit.MONTH:
            end = add_months(start, term.n)
        case Unit.YEAR:
            end = add_months(start, 12 * term.n)
        case Unit.NONE:
            end = start
        case Unit.HOUR:
            raise ValueError("A term in hours is counted from a moment, not from a day.")
    return end


def count(start: date, term: Term, *, buffer_working_days: int = 0, at: datetime | None = None) -> DueDates:
    """Count a term from the day of its event.

    Args:
        start: day of the event in Warsaw, not counted itself.
        term: length and counting rule.
        buffer_working_days: how many working days earlier the desk wants to be done, 0 or more.
        at: moment of the event, used by terms in hours; None means the first moment of ``start``.

    Returns:
        All dates; ``safe_due <= previous_working_day <= nominal <= legal_due`` unless that would fall before the event.
    """
    if term.unit is Unit.HOUR:
        nominal = add_hours(at or start_of_day(start), term.n, term.office_hours).date()
    else:
        nominal = nominal_end(start, term)
    legal_due = nominal
    if term.year_end and _spans_two_years(term):
        legal_due = date(nominal.year, 12, 31)
    elif term.roll is Roll.KC115:
        legal_due = roll_kc115(nominal)
    elif term.roll is Roll.EU1182 and term.unit is not Unit.HOUR:
        legal_due = roll_eu1182(start, nominal)
    return _with_margin(start, nominal, legal_due, buffer_working_days)


def due_on(day: date, start: date, buffer_working_days: int = 0) -> DueDates:
    """The dates of a term whose last day is named ("by 27 November") instead of counted; it does not roll."""
    return _with_margin(start, day, day, buffer_working_days)


def _with_margin(start: date, nominal: date, legal_due: date, buffer: int) -> DueDates:
    previous = max(start, working_day_on_or_before(nominal))
    return DueDates(nominal, legal_due, previous, max(start, add_working_days(previous, -buffer)))


def _spans_two_years(term: Term) -> bool:
    return (term.unit is Unit.YEAR and term.n >= 2) or (term.unit is Unit.MONTH and term.n >= 24)


def _add_days_skipping_days_off(day: date, n: int) -> date:
    for _ in range(n):
        day += timedelta(days=1)
        while is_day_off(day):
            day += timedelta(days=1)
    return day
