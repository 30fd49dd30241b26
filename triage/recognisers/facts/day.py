"""A day that a text names. Without a year, or as a weekday, it can lie behind or ahead: both readings are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


def named_at(
    passage: Passage,
    span: tuple[int, int],
    past: date,
    future: date | None = None,
    *,
    confidence: float = 0.9,
    duration: bool = False,
    precision: str = "day",
) -> Day:
    """The day that a span of a passage names; ``future`` as ``past`` where it can be only one."""
    start, end = span
    return Day(start, end, passage.text[start:end], past, future or past, confidence, duration, precision)


def last_and_next(year: int | None, month: int, day: int, now: date) -> tuple[date, date] | None:
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
