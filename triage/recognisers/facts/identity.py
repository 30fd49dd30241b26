"""Something that tells which person's data a request is about: a name, contact or customer number (redacted by now).

>>> [f.value for f in find(Passage("Usuńcie dane, ⟦EMAIL_1·k3f9⟧, numer klienta 100442"))]
['⟦EMAIL_1·k3f9⟧', '100442']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_PLACEHOLDER: Final = re.compile(r"⟦(?:PERSON|EMAIL|PHONE|PESEL)_\d+(?:·\w+)?⟧")
_CUSTOMER: Final = re.compile(r"(?<!\w)(?:(?:nr|numer) klienta|klient(?:ka)? nr|customer (?:no|number|id)|login)(?!\w)")


def find(passage: Passage) -> Iterator[Finding]:
    """Placeholders of people and contacts, and customer numbers."""
    for match in _PLACEHOLDER.finditer(passage.text):
        yield Finding("identity", match.group(), match.start(), match.end(), 0.6)
    yield from announced("identity", passage, _CUSTOMER, confidence=0.9)
