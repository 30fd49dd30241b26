"""Error codes on displays and in logs, in one spelling: „E-18”, „e18” and „błąd E 18” are ``E18``.

>>> [f.value for f in find(Passage("błąd E 18, potem E-18 i e18; w logu W-101, SVC1; K400, D18, 230 V, C5"))]
['E18', 'E18', 'E18', 'W101', 'SVC1']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage

_CODE: Final = re.compile(
    r"(?<![\w/-])(?P<code>(?:e|f|b|m|t|c|w|s|h|p|ef|ea|er|err|svc)[-–]?\d{1,3})(?![\w/]|-\w|[.,]\d)"
)
_ANNOUNCED: Final = re.compile(
    r"(?<!\w)(?:kod\w*|bl[ae]d\w*|error|code|fault|wyswietla\w*|pokazuje|display\w*|says|shows)[ :\"„]+(?:code |kod "
    r"|blad |error |nr )?[\"„]?(?P<code>[a-z]{1,3}[ -]?\d{1,4})(?![\w/]|-\w)"
)
# letter and digits as the lines' models and everyday sizes have them
_NOT_CODES: Final = re.compile(
    r"(?:c5|w7|r3|k400|d18|m[1-9]|s(?:[1-9]|1\d|2\d)|p[1-4]|b[1-6]|t[1-3]|c[1-6]|f1|h\d|do\d+|na\d+|po\d+|od\d+"
    r"|w\d{1,2}|nr\d+|za\d+|ok\d+)$"
)


def find(passage: Passage) -> Iterator[Finding]:
    """Codes after a word for one, and letters with digits that are no model or size."""
    seen: set[int] = set()
    for pattern, confidence in ((_ANNOUNCED, 0.95), (_CODE, 0.85)):
        for match in pattern.finditer(passage.folded):
            start, end = match.span("code")
            value = re.sub(r"[ –-]", "", match["code"])
            if start not in seen and not _NOT_CODES.match(value):
                seen.add(start)
                yield Finding("error_code", value.upper(), start, end, confidence)
