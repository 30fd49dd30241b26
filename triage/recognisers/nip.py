"""NIP: the Polish tax number, 10 digits, written 525-000-00-15, 525-00-00-015 or PL5250000015.

Check digit: weights 6 5 7 2 3 4 5 6 7, Σ mod 11; 10 is never issued. Personal data when it is a sole trader's.
Source: ustawa z 13 października 1995 r. o zasadach ewidencji i identyfikacji podatników;
python-stdnum ``stdnum.pl.nip``.

>>> text = "NIP 5252 (błędny), ma być nip: 123-456-78-9O; część 1234563218; inna firma 123-456-32-18"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['123-456-32-18', '123-456-78-9O']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.ocr import announced_run
from triage.recognisers.reading import ANNOUNCED, CHECKED, Candidate, Reading

LENGTH: Final = 10
_SHAPE: Final = re.compile(
    r"(?<![\w+-])(?P<pl>PL ?)?(?:\d{10}|\d{3}[- ]\d{3}[- ]\d{2}[- ]\d{2}|\d{3}[- ]\d{2}[- ]\d{2}[- ]\d{3})(?![\w-]"
    r"|[ ]\d{4})",
    re.IGNORECASE,
)

_PREFIX: Final = re.compile(r"pl[ -]?(?=[\doilsbgzq])")


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a NIP, those with the country prefix, and those that check and are called nothing else."""
    for start in reading.announced("nip"):
        prefix = _PREFIX.match(reading.folded, start)
        if run := announced_run(reading.text, prefix.end() if prefix else start, LENGTH):
            yield Candidate(start, run[1], "nip", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        start, end = match.span()
        if match["pl"] or (reading.mentions("nip", start, end) and not reading.is_business(start)):
            yield Candidate(start, end, "nip", ANNOUNCED)
        elif _checks(match.group()) and not reading.is_named_business(start):
            yield Candidate(start, end, "nip", CHECKED)


def _checks(number: str) -> bool:
    from stdnum.pl import nip  # 0.06 s that a text without such a number never needs

    return bool(nip.is_valid(number))
