"""How dates and amounts stand in a letter: ``4.12.2026``, ``1 249,00 zł``; ``4 December 2026``, ``PLN 1,249.00``.

Source: the reply standard of the sample company (P11, "Styl i ton").
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NO_BREAK = "\u00a0"


def write_date(day: date, language: str) -> str:
    """Write a day in full.

    >>> write_date(date(2026, 12, 4), "pl"), write_date(date(2026, 12, 4), "en")
    ('4.12.2026', '4 December 2026')
    """
    if language == "pl":
        return f"{day.day}.{day.month}.{day.year}"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def write_amount(amount: Decimal, currency: str, language: str) -> str:
    """Write an amount of money with two decimals.

    >>> write_amount(Decimal("1249"), "PLN", "pl").replace(NO_BREAK, " "), write_amount(Decimal("1249"), "PLN", "en")
    ('1 249,00 zł', 'PLN 1,249.00')
    """
    grouped = f"{amount:,.2f}"
    if language != "pl":
        return f"{currency} {grouped}"
    unit = "zł" if currency == "PLN" else currency
    return f"{grouped.replace(',', NO_BREAK).replace('.', ',')}{NO_BREAK}{unit}"
