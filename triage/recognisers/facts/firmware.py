"""Firmware and app versions: „firmware 2.3.14”, „po aktualizacji do 4.2”.

>>> [f.value for f in find(Passage("firmware v2.3.14; po aktualizacji aplikacji do 4.2; update to 1.8"))]
['2.3.14', '4.2', '1.8']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage

_VERSION: Final = re.compile(
    r"(?<!\w)(?:firmware\w*|fw|wersj\w+|version|aktualizacj\w+|update\w*|oprogramowani\w+"
    r"|soft\w*)(?: \w{2,12}){0,3}?(?: do| to| na)?[ :<=≤]*v?\.?(?P<version>\d{1,3}(?:\.\d{1,4}){1,3})(?![\w]|\.\d"
    r"| ?(?:zl|pln|%))"
)


def find(passage: Passage) -> Iterator[Finding]:
    """Version numbers after a word for software."""
    for match in _VERSION.finditer(passage.folded):
        yield Finding("firmware", match["version"], *match.span("version"), 0.85)
