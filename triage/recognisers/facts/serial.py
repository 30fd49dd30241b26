"""Serial numbers: „W7-2604-118842”, „S/N: TF18-2604-00912”, „nr seryjny …”, "IMEI …".

>>> [f.value for f in find(Passage("W7-2604-118842 oraz SN 77A-1203-0098, IMEI 490154203237518"))]
['77A-1203-0098', '490154203237518', 'W7-2604-118842']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(
    r"(?<![\w/])(?:s/n|sn|imei|serial(?: number| no| plate)?|(?:nr |numer )?seryjn\w+|nr ser|numer (?:baterii|ramy)"
    r"|nr (?:baterii|ramy)|ma numer)(?![\w/])"
)
_NUMBER: Final = re.compile(r"(?=(?:[\w/-]*\d){4})[a-z\d]+(?:[-/][a-z\d]+)*(?!\w)")
# product line, year and month of make, running number
_SHAPE: Final = re.compile(r"(?<![\w-])[a-z]{1,3}\d{1,2}-\d{3,4}-\d{5,6}(?![\w-])")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls a serial, and the house's own form anywhere."""
    found = list(announced("serial", passage, _CUE, _NUMBER, confidence=0.9))
    yield from found
    for match in _SHAPE.finditer(passage.folded):
        if all(match.start() != other.start for other in found):
            yield Finding("serial", match.group().upper(), match.start(), match.end(), 0.95)
