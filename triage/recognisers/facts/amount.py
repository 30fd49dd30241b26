"""Sums of money, as ``1249.00 PLN``.

>>> [f.value for f in find(Passage("1 249 zł, 2,349 PLN, 5 480,00 zł, £30.50, 18 tys. zł, EUR 312.70, 3 szt."))]
['1249.00 PLN', '2349.00 PLN', '5480.00 PLN', '18000.00 PLN', '30.50 GBP', '312.70 EUR']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage

_SUM: Final = r"(?P<sum>\d{1,3}(?:[ .,\u00a0]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{1,2})?)(?!\d)"
_AFTER: Final = re.compile(
    rf"(?<![\w.,/-])(?<!\d[ ]){_SUM}(?:,-)? ?(?P<thousand>tys\.? ?|k ?)?(?P<unit>zl(?:ot\w+)?|pln|eur\w{{0,2}}|€|usd"
    rf"|\$|gbp|£|zeta|zeciakow|kafli|pounds?|dollars?|quid)(?!\w)"
)
_BEFORE: Final = re.compile(rf"(?P<unit>€|£|\$|(?<!\w)(?:pln|eur|usd|gbp)) ?{_SUM}(?P<thousand>k)?")
_UNITS: Final = {
    "€": "EUR",
    "e": "EUR",
    "$": "USD",
    "u": "USD",
    "d": "USD",
    "£": "GBP",
    "g": "GBP",
    "q": "GBP",
}


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers with a currency after or before them."""
    for pattern in (_AFTER, _BEFORE):
        for match in pattern.finditer(passage.folded):
            value = _number(match["sum"]) * (1000 if match["thousand"] else 1)
            unit = "GBP" if match["unit"].startswith("pound") else _UNITS.get(match["unit"][0], "PLN")
            yield Finding("amount", f"{value:.2f} {unit}", match.start(), match.end(), 0.95)


def _number(written: str) -> float:
    """A number with Polish or English separators: the last separator before two digits is the decimal one."""
    cents = re.search(r"[.,](\d{1,2})$", written)
    whole = re.sub(r"\D", "", written[: cents.start()] if cents else written)
    return float(f"{whole}.{cents[1] if cents else 0}")
