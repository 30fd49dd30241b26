"""Polish identity card (dowód osobisty): three letters and six digits, ``ABA 430000``.

Check digit (the first digit): weights 7 3 1 9 7 3 1 7 3 with A = 10 … Z = 35, Σ mod 10 = 0.
Source: ustawa z 6 sierpnia 2010 r. o dowodach osobistych; ICAO Doc 9303 (values of letters).

>>> text = "dowod ABC 123456, seria ABA430000; model ABA430000"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['ABA430000', 'ABC 123456']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, CHECKED, Candidate, Reading

_WEIGHTS: Final = (7, 3, 1, 9, 7, 3, 1, 7, 3)
_SHAPE: Final = re.compile(r"(?<![\w-])[A-Z]{3}[ -]?\d{6}(?![\w-])", re.IGNORECASE)
# said to be a card, so scanning errors are allowed: letters and digits may stand for one another
_ANNOUNCED: Final = re.compile(
    r"(?=[a-z0-9 -]*\d[a-z0-9]?[ ]?\d)[a-z01568]{3}[ -]?[0-9oilsbgz]{2,3}[ ]?[0-9oilsbgz]{2,4}(?!\w)"
)
_NOT_LETTERS: Final = re.compile(r"[ -]")


def is_valid(number: str) -> bool:
    """Whether the check digit of a card number holds; spaces and dashes do not count."""
    compact = _NOT_LETTERS.sub("", number).upper()
    return sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, compact, strict=False)) % 10 == 0


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called an identity card, and those that check and are called nothing else."""
    for start in reading.announced("id_card"):
        if match := _ANNOUNCED.match(reading.folded, start):
            yield Candidate(*match.span(), "id_card", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        start, end = match.span()
        if reading.mentions("id_card", start, end) and not reading.is_business(start):
            yield Candidate(start, end, "id_card", ANNOUNCED)
        elif not reading.is_named_business(start) and is_valid(match.group()):
            yield Candidate(start, end, "id_card", CHECKED)
