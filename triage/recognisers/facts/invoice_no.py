"""Invoice, receipt and credit-note numbers: „FV/2026/10/114”, „faktura 09/4411”, "CN-2026-0044".

>>> [f.value for f in find(Passage("korekta do FV/2026/10/114, paragon nr 118/2210, invoice 2026/09/771"))]
['FV/2026/10/114', '118/2210', '2026/09/771']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(
    r"(?<!\w)(?:faktur\w*|f-r\w+|paragon\w*|receipt|invoice|korekt\w*(?: do)?|credit note|not[ay]|fvat|fv(?![/-]))"
)
_MODEL: Final = re.compile(r"[A-Z]\d+-[A-Z]+")
_SHAPE: Final = re.compile(r"(?<!\w)(?:fv|fvs|fa|kor|cn|inv|fk)[/ -]?\d[\d/-]*\d(?:/\w+)?")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers with an invoice's prefix, and those the text calls one."""
    taken: list[Finding] = []
    for match in _SHAPE.finditer(passage.folded):
        taken.append(
            Finding("invoice_no", passage.text[match.start() : match.end()].upper(), match.start(), match.end(), 0.95)
        )
    for found in announced("invoice_no", passage, _CUE, confidence=0.9):
        if not _MODEL.fullmatch(found.value) and not any(
            other.start < found.end and found.start < other.end for other in taken
        ):
            taken.append(found)
    yield from sorted(taken, key=lambda finding: finding.start)
