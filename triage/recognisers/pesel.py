"""PESEL: the Polish population number, 11 digits: birth date (century in the month), serial, sex, check digit.

Check digit: weights 1 3 7 9 1 3 7 9 1 3; control = (10 − Σ mod 10) mod 10.
Source: ustawa z 24 września 2010 r. o ewidencji ludności, art. 15; python-stdnum ``stdnum.pl.pesel``.

What the text calls a PESEL is hidden even when its digits do not check: a typo does not make it less personal.

>>> text = "PESEL 8102 1234 5O6, zam. 44051401359, potem 44051401359"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['44051401359', '8102 1234 5O6']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.ocr import announced_run
from triage.recognisers.reading import ANNOUNCED, CHECKED, Candidate, Reading

LENGTH: Final = 11
_SHAPE: Final = re.compile(r"(?<![\w+-])(?:\d{11}|\d{6}[ -]\d{5})(?![\w-])")


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a PESEL, and those that check and are called nothing else."""
    for start in reading.announced("pesel"):
        if run := announced_run(reading.text, start, LENGTH):
            yield Candidate(*run, "pesel", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        start, end = match.span()
        if reading.mentions("pesel", start, end) and not reading.is_business(start):
            yield Candidate(start, end, "pesel", ANNOUNCED)
        elif _checks(match.group()) and not reading.is_named_business(start):
            yield Candidate(start, end, "pesel", CHECKED)


def _checks(number: str) -> bool:
    from stdnum.pl import pesel  # 0.06 s that a text without such a number never needs

    return bool(pesel.is_valid(number))
