"""Batch numbers: „LOT 2609”, „partia 11/2026”, „VR26-031” also inside a serial.

>>> [f.value for f in find(Passage("LOT 2609, partia VR26-033; moja bateria VR26-031-01177"))]
['2609', 'VR26-033', 'VR26-031']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(r"(?<!\w)(?:lot(?:u|em)?|parti[aięą]\w*|batch(?:es)?|nr par\w*)(?!\w)")
_NUMBER: Final = re.compile(r"(?=[\w/-]*\d)[a-z\d]+(?:[-/][a-z\d]+)*(?!\w)(?! ?(?:szt|sztuk|pcs))")
_SHAPE: Final = re.compile(r"(?<![\w-])vr\d{2}-\d{3}(?!\d)")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls a batch, and the battery's batch inside its serial."""
    found = list(announced("batch", passage, _CUE, _NUMBER, confidence=0.9))
    yield from found
    for match in _SHAPE.finditer(passage.folded):
        if all(match.start() != other.start for other in found):
            yield Finding("batch", match.group().upper(), match.start(), match.end(), 0.95)
