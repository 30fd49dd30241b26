"""Days told from the day of writing: „wczoraj”, „w zeszły wtorek”, "two weeks ago", „od świąt”, „dziś 9. dzień”.

Source of the holidays' days: Christmas 25 December; Easter of the Gregorian calendar as dateutil computes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from dateutil.easter import easter

from triage.domain.months import add_months
from triage.recognisers.facts.day import Day, named_at
from triage.recognisers.facts.day_patterns import (
    AGED,
    AGO,
    HOLIDAY,
    LAST_UNIT,
    LASTING,
    NTH_DAY,
    NUMBERS,
    ON_WEEKDAY,
    WEEKDAYS,
    WORD,
    WORDS,
)
from triage.recognisers.facts.finding import Passage

_WHICH = re.compile(r"zeszl|ubiegl|ostatn|najbliz|przyszl|last|next|this|minion")
_BEFORE = re.compile(r"(?:w|we|od|do|na|z) ")


def _words(passage: Passage, now: date) -> Iterator[Day]:
    for match in WORD.finditer(passage.folded):
        yield named_at(passage, match.span(), now + timedelta(days=WORDS[match["word"]]), confidence=0.9)


def _weekdays(passage: Passage, now: date) -> Iterator[Day]:
    for match in ON_WEEKDAY.finditer(passage.folded):
        number = next(index for index, stems in enumerate(WEEKDAYS) if match["weekday"].startswith(stems))
        back = (now.weekday() - number) % 7 or 7
        past, future = now - timedelta(days=back), now + timedelta(days=7 - back or 7)
        yield named_at(passage, (_start(match), match.end()), past, future, confidence=0.75)


def _start(match: re.Match[str]) -> int:
    """Where the day's name begins: „zeszły wtorek” is one, of „we wtorek” only the weekday."""
    if not _WHICH.search(match["which"]):
        return match.start("weekday")
    before = _BEFORE.match(match["which"])
    return match.start() + (before.end() if before else 0)


def _length(count: str | None, unit: str, now: date) -> date | None:
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
    return add_months(now, -months) if months < 600 else None


def _lengths(passage: Passage, now: date) -> Iterator[Day]:
    for pattern, confidence, vague in ((AGO, 0.7, False), (LASTING, 0.6, True), (AGED, 0.4, True)):
        for match in pattern.finditer(passage.folded):
            groups = match.groupdict()
            count, unit = groups.get("count") or groups.get("count2"), groups.get("unit") or groups.get("unit2")
            if pattern is not AGO and not count and unit and unit.startswith(("lat", "dni", "days")):
                continue
            counted = {"dwoma": "2", "trzema": "3", "czterema": "4", "tygodniem": "1"}.get(count or "", count)
            if unit and (past := _length(counted, unit, now)):
                yield named_at(passage, match.span(), past, confidence=confidence, duration=vague)


def _last_units(passage: Passage, now: date) -> Iterator[Day]:
    for match in LAST_UNIT.finditer(passage.folded):
        unit = match["unit"] or match["unit2"]
        if past := _length(None, unit, now):
            yield named_at(passage, match.span(), past, confidence=0.5, duration=True)


def _holidays(passage: Passage, now: date) -> Iterator[Day]:
    for match in HOLIDAY.finditer(passage.folded):
        name = match["name"]
        days = [found for year in (now.year - 1, now.year, now.year + 1) for found in _holiday(name, year)]
        past, future = [day for day in days if day <= now], [day for day in days if day > now]
        yield named_at(passage, match.span("name"), past[-1], future[0], confidence=0.5, duration=True)


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
        yield named_at(passage, match.span(), now - timedelta(days=nth), confidence=0.5, duration=True)


TOLD = (_words, _weekdays, _lengths, _last_units, _holidays, _nth_days)
