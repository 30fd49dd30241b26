"""E-mail addresses, also spelled so that robots do not see them: „jan (małpa) poczta kropka pl”.

Source: RFC 5322 addr-spec without quoting and comments; RFC 6531 for letters beyond ASCII.

>>> text = "jan.kowalski+rma@poczta.example, ewa (at) firma [dot] pl, basia małpa domena kropka pl, @DomexSerwis"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['basia małpa domena kropka pl', 'ewa (at) firma [dot] pl', 'jan.kowalski+rma@poczta.example']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import CHECKED, Candidate, Reading

_ADDRESS: Final = re.compile(r"[\w.+%'-]*[\w+]@(?:[\w-]+\.)+[^\W\d_]{2,}")
_SPACED: Final = re.compile(
    r"[\w.+%-]*\w ?@ ?[\w-]+(?: ?\. ?[\w-]+)* ?\. ?(?:pl|com|eu|net|org|de|uk|ua|example)(?!\w)", re.IGNORECASE
)
_SPELLED: Final = re.compile(
    r"[\w.+-]+(?: ?(?:\(kropka\)|\[kropka\]|\(dot\)|\[dot\]| kropka| dot) ?[\w-]+)*"
    r" ?(?:\((?:at|malpa)\)|\[(?:at|malpa)\]| malpa| at(?= [\w-]+ dot)) ?"
    r"[\w-]+(?:(?: ?(?:\((?:dot|kropka)\)|\[(?:dot|kropka)\]| dot| kropka) ?|\.)[\w-]+)+"
)


def find(reading: Reading) -> Iterator[Candidate]:
    """Addresses as they are typed, typed with blanks, or spelled."""
    if "@" in reading.text:
        for pattern in (_ADDRESS, _SPACED):
            for match in pattern.finditer(reading.text):
                yield Candidate(*match.span(), "email", CHECKED)
    if "malp" in reading.folded or "at)" in reading.folded or "at]" in reading.folded or " dot " in reading.folded:
        for match in _SPELLED.finditer(reading.folded):
            yield Candidate(*match.span(), "email", CHECKED)
