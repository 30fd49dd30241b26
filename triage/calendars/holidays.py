"""Days off in Poland: Sundays and the public holidays of the act of 18 January 1951.

Christmas Eve is a day off from 2025 (Dz.U. 2024 poz. 1965). Saturday is no day off by that act; KC art. 115 treats it
like one, so the two questions are separate functions here.

>>> is_day_off(date(2024, 12, 24)), is_day_off(date(2025, 12, 24))
(False, True)
>>> is_working_day(date(2026, 11, 21))  # Saturday
False

Source: ustawa z dnia 18 stycznia 1951 r. o dniach wolnych od pracy; dates computed by the library ``holidays``.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

SATURDAY, SUNDAY = 5, 6  # date.weekday()


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of one year, those on a Sunday (Easter, Pentecost) included."""
    return frozenset(country_holidays("PL", years=year))


def is_day_off(day: date) -> bool:
    """Whether the day is a Sunday or a public holiday (dzień ustawowo wolny od pracy)."""
    return day.weekday() == SUNDAY or day in public_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Whether the day is Monday to Friday and no public holiday; KC has no definition, this is the usual reading."""
    return day.weekday() < SATURDAY and day not in public_holidays(day.year)


def working_day_on_or_after(day: date) -> date:
    """The day itself if it is a working day, else the next one."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_on_or_before(day: date) -> date:
    """The day itself if it is a working day, else the last one before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def add_working_days(day: date, n: int) -> date:
    """The ``n``-th working day after (before, when ``n`` < 0) ``day``; ``day`` itself is not counted.

    Args:
        day: any day.
        n: number of working days; 0 returns ``day`` unchanged.
    """
    step = timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        day += step
        while not is_working_day(day):
            day += step
    return day
