"""Waybill and parcel numbers: „list przewozowy 0000412998776”, „przesyłka DL-88120734”.

>>> [f.value for f in find(Passage("list przewozowy 0000412998776, nr listu 0000413551020, paczka 3 dni temu"))]
['0000412998776', '0000413551020']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(
    r"(?<!\w)(?:list\w* przewoz\w*|(?:nr|numer) listu|listu|przesylk\w*|paczk\w*|nadani\w+|sledzeni\w*|waybill"
    r"|tracking(?: number| no)?|parcel|consignment|shipment)"
)
_NUMBER: Final = re.compile(
    r"(?=(?:[a-z-]*\d){7})[a-z]{0,3}-?\d[\d ]{5,}\d[a-z]{0,2}(?!\w)"
    r"|(?=(?:[a-z-]*\d){7})[a-z\d]{2,4}-?[a-z\d]{7,24}(?!\w)"
)
_LOCKER: Final = re.compile(r"(?<!\d)\d{24}(?!\d)")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls a parcel, and the 24 digits of a parcel locker's label."""
    found = list(announced("waybill", passage, _CUE, _NUMBER))
    yield from found
    for match in _LOCKER.finditer(passage.folded):
        if all(match.start() != other.start for other in found):
            yield Finding("waybill", match.group(), match.start(), match.end(), 0.7)
