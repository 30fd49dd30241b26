"""Days as people write them: „3.11.2026”, „12.08”, „2 listopada”, „wczoraj”, „w zeszły wtorek”, "two weeks ago".

A day without a year, or a weekday, can lie behind or ahead; both readings are kept, and the words around it decide.
Source of the holidays' days: Christmas 25 December; Easter by the Gregorian computus (``holidays``' own source is the
same; computed here with :func:`easter` after Meeus, Astronomical Algorithms, ch. 8).

>>> now = date(2026, 11, 20)
>>> text = "kupiony 12.08, od zeszłego wtorku, 3 miesiące temu"
>>> [(d.text, d.past.isoformat()) for d in find_days(Passage(text), now)]
[('12.08', '2026-08-12'), ('zeszłego wtorku', '2026-11-17'), ('3 miesiące temu', '2026-08-20')]
>>> [(d.text, d.future.isoformat()) for d in find_days(Passage("do piątku, by 27 November, do 2.01"), now)]
[('piątku', '2026-11-27'), ('27 November', '2026-11-27'), ('2.01', '2027-01-02')]
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from triage.recognisers.facts.day_patterns import (
    AGED,
    AGO,
    FULL,
    HOLIDAY,
    ISO,
    LAST_UNIT,
    LASTING,
    MONTH_ALONE,
    MONTH_YEAR,
    MONTHS,
    NAMED,
    NAMED_US,
    NTH_DAY,
    NUMBERS,
    ON_WEEKDAY,
    ROMAN,
    SHORT,
    WEEKDAYS,
    WORD,
    WORDS,
    YEAR_ALONE,
)
from triage.recognisers.facts.finding import Passage


@dataclass(frozen=True, slots=True)
class Day:
    """A day named in a text, read as the last such day and as the next one.

    Attributes:
        duration: the text names a length of time („od tygodnia”, „20 months old”), so the day is approximate.
        precision: ``day``, ``month`` or ``year``; of a month or a year ``past`` and ``future`` are the first day.
    """

    start: int
    end: int
    text: str
    past: date
    future: date
    confidence: float
    duration: bool = False
    precision: str = "day"


def find_days(passage: Passage, now: date) -> Iterator[Day]:
    """Days named in a passage, in reading order; where two readings overlap the longer one counts.

    Args:
        now: the day the passage was written; relative words count from it.
    """
    taken: list[Day] = []
    found = [day for reader in _READERS for day in reader(passage, now)]
    for day in sorted(found, key=lambda day: (day.start - day.end, day.start)):
        if all(day.end <= other.start or other.end <= day.start for other in taken):
            taken.append(day)
    yield from sorted(taken, key=lambda day: day.start)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, ch. 8).

    >>> easter(2026), easter(2027)
    (datetime.date(2026, 4, 5), datetime.date(2027, 3, 28))
    """
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier, or the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _at(
    passage: Passage,
    start: int,
    end: int,
    past: date,
    future: date | None = None,
    confidence: float = 0.9,
    duration: bool = False,
    precision: str = "day",
) -> Day:
    return Day(start, end, passage.text[start:end], past, future or past, confidence, duration, precision)


def _readings(year: int | None, month: int, day: int, now: date) -> tuple[date, date] | None:
    """The last and the next such day; with a year both are the same; ``None`` for days that do not exist."""
    if year is not None:
        found = _real(year, month, day)
        return (found, found) if found else None
    candidates = [
        found for offset in (-4, -3, -2, -1, 0, 1, 2, 3, 4) if (found := _real(now.year + offset, month, day))
    ]
    past = [found for found in candidates if found <= now]
    future = [found for found in candidates if found >= now]
    return (past[-1], future[0]) if past and future else None


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_number(word: str) -> int:
    return next(number for stem, number in MONTHS.items() if word.startswith(stem))


def _numeric(passage: Passage, now: date) -> Iterator[Day]:
    for pattern, confidence in ((ISO, 0.98), (FULL, 0.97), (SHORT, 0.9)):
        for match in pattern.finditer(passage.folded):
            groups = match.groupdict()
            day, month = int(groups.get("day") or groups["day2"]), int(groups.get("month") or groups["month2"])
            year = int(groups["year"]) if groups.get("year") else None
            if year is not None and year < 100:
                year += 2000
            if year is not None and not now.year - 12 <= year <= now.year + 6:
                continue  # „2.3.14” is a version
            if read := _readings(year, month, day, now):
                yield _at(passage, match.start(), match.end(), *read, confidence)


def _roman(passage: Passage, now: date) -> Iterator[Day]:
    numerals = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
    for match in ROMAN.finditer(passage.folded):
        year = int(match["year"]) if match["year"] else None
        is_capital = passage.text[match.start("month") : match.end("month")].isupper()
        if (year or (is_capital and len(match["month"]) > 1)) and (
            read := _readings(year, numerals.index(match["month"]) + 1, int(match["day"]), now)
        ):
            yield _at(passage, match.start(), match.end(), *read, 0.85)


def _named(passage: Passage, now: date) -> Iterator[Day]:
    for pattern in (NAMED, NAMED_US):
        for match in pattern.finditer(passage.folded):
            year = int(match["year"]) if match["year"] else None
            if match["relative"]:
                year = now.year - (1 if match["relative"].startswith(("ub", "zesz", "last")) else 0)
            if read := _readings(year, _month_number(match["month"]), int(match["day"]), now):
                yield _at(passage, match.start(), match.end(), *read, 0.95)


def _months(passage: Passage, now: date) -> Iterator[Day]:
    for match in MONTH_YEAR.finditer(passage.folded):
        year = int(match["year"] or match["year2"])
        month = int(match["number"]) if match["number"] else _month_number(match["month"])
        yield _at(passage, match.start(), match.end(), date(year, month, 1), confidence=0.6, precision="month")
    for match in MONTH_ALONE.finditer(passage.folded):
        if read := _readings(None, _month_number(match["month"]), 1, now):
            yield _at(passage, *match.span("month"), *read, 0.5, precision="month")


def _years(passage: Passage, now: date) -> Iterator[Day]:
    for match in YEAR_ALONE.finditer(passage.folded):
        if int(match["year"]) <= now.year:
            yield _at(passage, *match.span("year"), date(int(match["year"]), 1, 1), confidence=0.5, precision="year")


def _words(passage: Passage, now: date) -> Iterator[Day]:
    for match in WORD.finditer(passage.folded):
        yield _at(passage, match.start(), match.end(), now + timedelta(days=WORDS[match["word"]]), confidence=0.9)


def _weekdays(passage: Passage, now: date) -> Iterator[Day]:
    for match in ON_WEEKDAY.finditer(passage.folded):
        number = next(index for index, stems in enumerate(WEEKDAYS) if match["weekday"].startswith(stems))
        back = (now.weekday() - number) % 7 or 7
        past, future = now - timedelta(days=back), now + timedelta(days=7 - back or 7)
        start = (
            match.start()
            if re.search(r"zeszl|ubiegl|ostatn|najbliz|przyszl|last|next|this|minion", match["which"])
            else match.start("weekday")
        )
        prefix = re.match(r"(?:w|we|od|do|na|z) ", match["which"])
        yield _at(
            passage, start + (prefix.end() if prefix and start == match.start() else 0), match.end(), past, future, 0.75
        )


def _length(count: str | None, unit: str, now: date, back: bool = True) -> date | None:
    """The day a length of time before ``now``; „pół roku” is six months."""
    number = 1 if count is None else int(count) if count.isdigit() else NUMBERS.get(count, -1)
    if number < 0 or number > 400:
        return None
    if unit.startswith(("d",)):
        return now - timedelta(days=number)
    if unit.startswith(("t", "w")):
        return now - timedelta(weeks=number)
    months = number if unit.startswith("m") else 12 * number
    if number == 0:
        months = 6 if unit.startswith(("r", "y", "l")) else 0
    return months_before(now, months) if months < 600 else None


def _lengths(passage: Passage, now: date) -> Iterator[Day]:
    for pattern, confidence, vague in ((AGO, 0.7, False), (LASTING, 0.6, True), (AGED, 0.4, True)):
        for match in pattern.finditer(passage.folded):
            groups = match.groupdict()
            count, unit = groups.get("count") or groups.get("count2"), groups.get("unit") or groups.get("unit2")
            if pattern is not AGO and not count and unit and unit.startswith(("lat", "dni", "days")):
                continue
            counted = {"dwoma": "2", "trzema": "3", "czterema": "4", "tygodniem": "1"}.get(count or "", count)
            if unit and (past := _length(counted, unit, now)):
                yield _at(passage, match.start(), match.end(), past, confidence=confidence, duration=vague)


def _last_units(passage: Passage, now: date) -> Iterator[Day]:
    for match in LAST_UNIT.finditer(passage.folded):
        unit = match["unit"] or match["unit2"]
        if past := _length(None, unit, now):
            yield _at(passage, match.start(), match.end(), past, confidence=0.5, duration=True)


def _holidays(passage: Passage, now: date) -> Iterator[Day]:
    for match in HOLIDAY.finditer(passage.folded):
        name = match["name"]
        days = [found for year in (now.year - 1, now.year, now.year + 1) for found in _holiday(name, year)]
        past, future = [day for day in days if day <= now], [day for day in days if day > now]
        yield _at(passage, *match.span("name"), past[-1], future[0], 0.5, duration=True)


def _holiday(name: str, year: int) -> list[date]:
    """„Święta” alone are Easter or Christmas, whichever was last."""
    if name.startswith(("wielkanoc", "easter")):
        return [easter(year)]
    if name.startswith(("sylw", "nowego", "new")):
        return [date(year, 1, 1)]
    if name.startswith(("bozego", "christmas")):
        return [date(year, 12, 25)]
    return [easter(year), date(year, 12, 25)]


def _nth_days(passage: Passage, now: date) -> Iterator[Day]:
    """„dziś 9 dzień”: the day before the first one counted (KC art. 111 § 2: the event's day is not counted)."""
    ordinals = {"siodmy": 7, "osmy": 8, "dziewiaty": 9, "dziesiaty": 10, "jedenasty": 11, "trzynasty": 13}
    for match in NTH_DAY.finditer(passage.folded):
        nth = int(match["nth"]) if match["nth"].isdigit() else ordinals[match["nth"]]
        yield _at(passage, match.start(), match.end(), now - timedelta(days=nth), confidence=0.5, duration=True)


_READERS: Final[tuple[Callable[[Passage, date], Iterator[Day]], ...]] = (
    _numeric,
    _roman,
    _named,
    _months,
    _years,
    _words,
    _weekdays,
    _lengths,
    _last_units,
    _holidays,
    _nth_days,
)
