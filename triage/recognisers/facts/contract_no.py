"""Contract and purchase-order numbers of business customers: „umowa serwisowa US/14/2025”, „PO 4500118”.

>>> [f.value for f in find(Passage("Według umowy serwisowej US/14/2025, PO 4500118, odstępuję od umowy z 27.10.2026"))]
['US/14/2025', '4500118']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(
    r"(?<!\w)(?:umow\w+(?: (?:serwisow|utrzymaniow|ramow|sprzedaz)\w+)?|contract|agreement"
    r"|po(?=:? ?\d{2,}[-\d]*))(?!\w)"
)


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls a contract or a purchase order."""
    yield from announced("contract_no", passage, _CUE, confidence=0.9)
