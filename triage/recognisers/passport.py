"""Passports: Polish ones have two letters and seven digits, ``EF 1234567``; others are taken at the text's word.

Check digit (the first digit) of Polish passports: weights 7 3 9 1 7 3 1 7 3 with A = 10 … Z = 35, Σ mod 10 = 0
(medium confidence: not published by the issuer). Source: ustawa z 27 stycznia 2022 r. o dokumentach paszportowych.

>>> text = "paszport EF 1234567; passport no. 533401372"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['1234567', '533401372', 'EF 1234567']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, CHECKED, Candidate, Reading

_WEIGHTS: Final = (7, 3, 9, 1, 7, 3, 1, 7, 3)
_SHAPE: Final = re.compile(r"(?<![\w-])[A-Z]{2} ?\d{7}(?![\w-])")
# purchase orders, invoices, delivery notes and serials are written the same way
_DOCUMENTS: Final = frozenset({"PO", "FV", "WZ", "PZ", "SN", "NR", "KS", "RK", "DL", "PL"})
_ANNOUNCED: Final = re.compile(r"(?=[a-z0-9 ]*\d[a-z0-9 ]*\d)[a-z0]{0,2} ?[0-9oilsbgz]{6,9}(?!\w)")


def is_valid(number: str) -> bool:
    """Whether the check digit of a Polish passport number holds."""
    compact = number.replace(" ", "").upper()
    return sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, compact, strict=False)) % 10 == 0


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a passport, and Polish ones that check and are called nothing else."""
    for start in reading.announced("passport"):
        if match := _ANNOUNCED.match(reading.folded, start):
            yield Candidate(*match.span(), "passport", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        start, end = match.span()
        if reading.mentions("passport", start, end):
            yield Candidate(start, end, "passport", ANNOUNCED)
        elif match.group()[:2] not in _DOCUMENTS and is_valid(match.group()) and not reading.is_named_business(start):
            yield Candidate(start, end, "passport", CHECKED)
