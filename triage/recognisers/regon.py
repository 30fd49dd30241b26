"""REGON: the Polish statistical number of a business, 9 digits, or 14 for a local unit.

Check digit: weights 8 9 2 3 4 5 6 7 (2 4 8 5 0 9 7 3 6 1 2 4 8 for 14 digits), Σ mod 11, 10 counts as 0.
Source: ustawa z 29 czerwca 1995 r. o statystyce publicznej, art. 42; python-stdnum ``stdnum.pl.regon``.

Nine digits are also a phone number and an order number, so a REGON counts only where the text names one.

>>> text = "REGON: 192598184, tel. 601234567"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['192598184']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.ocr import announced_run
from triage.recognisers.reading import ANNOUNCED, Candidate, Reading

LENGTHS: Final = (14, 9)
_SHAPE: Final = re.compile(r"(?<![\w+-])(?:\d{14}|\d{9})(?![\w-])")


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a REGON, and numbers that check near that word."""
    for start in reading.announced("regon"):
        runs = [run for length in LENGTHS if (run := announced_run(reading.text, start, length))]
        if runs:
            yield Candidate(*runs[0], "regon", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        named = reading.mentions("regon", *match.span()) and not reading.is_business(match.start())
        if named and _checks(match.group()):
            yield Candidate(*match.span(), "regon", ANNOUNCED)


def _checks(number: str) -> bool:
    from stdnum.pl import regon  # 0.06 s that a text without such a number never needs

    return bool(regon.is_valid(number))
