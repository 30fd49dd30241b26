"""Quantities: „240 szt.”, "37 units".

>>> [f.value for f in find(Passage("240 szt. TorqFix D18, 12 sztuk, 40 pcs"))]
['240', '12', '40']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage

_PIECES: Final = re.compile(
    r"(?<![\w.,/-])(?P<number>\d{1,3}(?: \d{3})+|\d{1,6}) ?(?:szt(?:\.|uk\w*)?|kpl|kompl\w*|pcs|pieces|units|palet\w*"
    r"|karton\w*)(?!\w)"
)


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers of pieces."""
    for match in _PIECES.finditer(passage.folded):
        yield Finding("quantity", match["number"].replace(" ", ""), match.start(), match.end(), 0.9)
