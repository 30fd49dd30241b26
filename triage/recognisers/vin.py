"""VIN: a vehicle's identification number, 17 letters and digits without I, O and Q.

Source: ISO 3779 and ISO 3780; 49 CFR 565 (the North American check digit, not required in Europe, so not tested).

>>> text = "VIN: WVWZZZ1JZ3W386752; serial 1HGCM82633A004352"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['WVWZZZ1JZ3W386752']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, CHECKED, Candidate, Reading

_ANNOUNCED: Final = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9](?:[ -]?[a-z0-9]){15,17}(?!\w)")
# world manufacturer identifier, descriptor, and a serial whose last four are digits
_SHAPE: Final = re.compile(r"(?<![\w-])(?=\w{0,8}[A-HJ-NPR-Z]{2})[A-HJ-NPR-Z1-9][A-HJ-NPR-Z0-9]{12}\d{4}(?![\w-])")


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a VIN, and 17 characters that look like one and are called nothing else."""
    for start in reading.announced("vin"):
        if match := _ANNOUNCED.match(reading.folded, start):
            yield Candidate(*match.span(), "vin", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        if not reading.is_named_business(match.start()):
            yield Candidate(*match.span(), "vin", CHECKED)
