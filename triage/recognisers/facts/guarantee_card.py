"""The guarantee card or certificate is mentioned as at hand.

>>> [f.value for f in find(Passage("Mam kartę gwarancyjną podbitą; bez karty gwarancyjnej"))]
['karte gwarancyjna']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, matches

_CARD: Final = re.compile(
    r"(?<!\w)(?:kart\w{1,3} gwarancyjn\w+|kart\w{1,3} podbit\w|gwarancyjn\w+ podbit\w+|(?:warranty|guarantee) (?:card"
    r"|certificate)|certyfikat\w* gwaranc\w+)(?!\w)"
)
_MISSING: Final = re.compile(r"(?:bez|nie mam|brak|zgubil\w+|lost|without|no|don't have)(?: \w+){0,2} $")


def find(passage: Passage) -> Iterator[Finding]:
    """The card, unless it is missing."""
    yield from matches("guarantee_card", passage, _CARD, 0.85, unless=_MISSING)
