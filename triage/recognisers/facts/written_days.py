"""Days written as dates: „3.11.2026”, „12.08”, „5 XI”, „2 listopada”, "November 2nd", a month or a year alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from triage.recognisers.facts.day import Day, last_and_next, named_at
from triage.recognisers.facts.day_patterns import (
    FULL,
    ISO,
    MONTH_ALONE,
    MONTH_YEAR,
    MONTHS,
    NAMED,
    NAMED_US,
    ROMAN,
    SHORT,
    YEAR_ALONE,
)
from triage.recognisers.facts.finding import Passage


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
            if read := last_and_next(year, month, day, now):
                yield named_at(passage, match.span(), *read, confidence=confidence)


def _roman(passage: Passage, now: date) -> Iterator[Day]:
    numerals = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
    for match in ROMAN.finditer(passage.folded):
        year = int(match["year"]) if match["year"] else None
        is_capital = passage.text[match.start("month") : match.end("month")].isupper()
        if (year or (is_capital and len(match["month"]) > 1)) and (
            read := last_and_next(year, numerals.index(match["month"]) + 1, int(match["day"]), now)
        ):
            yield named_at(passage, match.span(), *read, confidence=0.85)


def _named(passage: Passage, now: date) -> Iterator[Day]:
    for pattern in (NAMED, NAMED_US):
        for match in pattern.finditer(passage.folded):
            year = int(match["year"]) if match["year"] else None
            if match["relative"]:
                year = now.year - (1 if match["relative"].startswith(("ub", "zesz", "last")) else 0)
            if read := last_and_next(year, _month_number(match["month"]), int(match["day"]), now):
                yield named_at(passage, match.span(), *read, confidence=0.95)


def _months(passage: Passage, now: date) -> Iterator[Day]:
    for match in MONTH_YEAR.finditer(passage.folded):
        year = int(match["year"] or match["year2"])
        month = int(match["number"]) if match["number"] else _month_number(match["month"])
        yield named_at(passage, match.span(), date(year, month, 1), confidence=0.6, precision="month")
    for match in MONTH_ALONE.finditer(passage.folded):
        if read := last_and_next(None, _month_number(match["month"]), 1, now):
            yield named_at(passage, match.span("month"), *read, confidence=0.5, precision="month")


def _years(passage: Passage, now: date) -> Iterator[Day]:
    for match in YEAR_ALONE.finditer(passage.folded):
        if int(match["year"]) <= now.year:
            yield named_at(
                passage, match.span("year"), date(int(match["year"]), 1, 1), confidence=0.5, precision="year"
            )


WRITTEN = (_numeric, _roman, _named, _months, _years)
