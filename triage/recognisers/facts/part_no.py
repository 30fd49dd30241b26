"""Part numbers: „część nr 481010438414”, „nr kat. 00754869”, „BR-K400-SEAL-01”.

>>> [f.value for f in find(Passage("część nr 481010438414, uszczelka BR-K400-SEAL-01, part no 33-190"))]
['481010438414', '33-190', 'BR-K400-SEAL-01']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(
    r"(?<!\w)(?:czes\w+ (?:nr|numer|o numerze)|(?:nr|numer) (?:czesci|kat\w*\.?|katalogow\w+)|part(?: (?:no|number))?"
    r"|symbol\w*|zamiennik\w*|connector kit|kod czesci)(?!\w)"
)
_NUMBER: Final = re.compile(r"(?=(?:[\w/-]*\d){2})[a-z\d]+(?:[-/][a-z\d]+)*(?!\w)")
_SHAPE: Final = re.compile(r"(?<![\w-])[a-z]{2,3}-[a-z]{0,2}\d{1,3}[a-z]?-[a-z]{2,}(?:-\d{1,3})?(?![\w-])")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls a part, and the house's own form anywhere."""
    found = list(announced("part_no", passage, _CUE, _NUMBER, confidence=0.85))
    yield from found
    for match in _SHAPE.finditer(passage.folded):
        if all(match.start() != other.start for other in found):
            yield Finding("part_no", match.group().upper(), match.start(), match.end(), 0.95)
