"""When tickets were filed, out of whatever a table writes as times.

Helpdesks write ISO 8601, spreadsheets ``03.11.2026 10:00`` or ``11/3/2026``, mail ``Tue, 3 Nov 2026 10:00:00 +0100``,
databases seconds since 1970. Sorted as text, the first of a month would come before the second of any other.

>>> sortable_times(["03.11.2026 10:00", "2026-11-02T23:30:00Z", "3 listopada 2025", "1793782800", "wczoraj"])
['2026-11-03T10:00:00+00:00', '2026-11-02T23:30:00+00:00', '2025-11-03T00:00:00+00:00', '2026-11-04T09:00:00+00:00', '']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from dateutil.parser import parse, parserinfo

_NUMBER = re.compile(r"\d{9,13}(\.\d+)?")
_BEGINS_WITH_YEAR = re.compile(r"\d{4}[-/.]")
_TWO_PARTS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2}")
_MILLISECONDS = 1e11  # more than this many seconds would be after the year 5100
_FIRST_YEAR = 1980  # no helpdesk wrote before; what is read as an earlier year was no time
_UNKNOWN = datetime(1, 1, 1)


class _Months(parserinfo):  # type: ignore[misc]  # `dateutil` has no types
    """English and Polish names of months, in full, genitive and short."""

    MONTHS: ClassVar[list[tuple[str, ...]]] = [
        ("Jan", "January", "sty", "styczeń", "stycznia"),
        ("Feb", "February", "lut", "luty", "lutego"),
        ("Mar", "March", "marzec", "marca"),
        ("Apr", "April", "kwi", "kwiecień", "kwietnia"),
        ("May", "maj", "maja"),
        ("Jun", "June", "cze", "czerwiec", "czerwca"),
        ("Jul", "July", "lip", "lipiec", "lipca"),
        ("Aug", "August", "sie", "sierpień", "sierpnia"),
        ("Sep", "Sept", "September", "wrz", "wrzesień", "września"),
        ("Oct", "October", "paź", "październik", "października"),
        ("Nov", "November", "lis", "listopad", "listopada"),
        ("Dec", "December", "gru", "grudzień", "grudnia"),
    ]


_MONTHS = _Months()
_HOURS_OF_ZONES = {
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "EST": -5,
    "PST": -8,
}


def sortable_times(written: Sequence[str]) -> list[str]:
    """Each time in UTC and ISO 8601, so that text order is the order in time; empty where none can be read.

    A time without a zone is taken as UTC. Days stand before months unless the column shows that they do not.
    """
    days_first = not _months_stand_first(written)
    return [_sortable(each.strip(), days_first) for each in written]


def _months_stand_first(written: Sequence[str]) -> bool:
    """Whether some second part can only be a day, and no first part can."""
    parts = [(int(found[1]), int(found[2])) for each in written if (found := _TWO_PARTS.match(each.strip()))]
    return any(second > 12 for _, second in parts) and not any(first > 12 for first, _ in parts)


def _sortable(written: str, days_first: bool) -> str:
    try:
        at = _read(written, days_first)
        in_utc = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return in_utc.isoformat(timespec="seconds") if at.year >= _FIRST_YEAR else ""


def _read(written: str, days_first: bool) -> datetime:
    if _NUMBER.fullmatch(written):
        seconds = float(written)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        days_first = days_first and not _BEGINS_WITH_YEAR.match(written)
        at: datetime = parse(written, _MONTHS, dayfirst=days_first, default=_UNKNOWN, tzinfos=_seconds_of_zone)
        return at


def _seconds_of_zone(name: str | None, offset_s: int | None) -> int:
    """The zone's offset; an unknown name counts as UTC."""
    return offset_s if offset_s is not None else 3600 * _HOURS_OF_ZONES.get(name or "", 0)
