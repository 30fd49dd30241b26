"""Months are not all as long: what is the same date some months later, or earlier?

Source: KC art. 112: a term in months ends on the day of the same date, else on the last day of the month.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, n: int) -> date:
    """The same date ``n`` months later (earlier where ``n`` is negative), else the last day of that month.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2024, 2, 29), -12)
    (datetime.date(2026, 2, 28), datetime.date(2023, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
