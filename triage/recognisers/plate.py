"""Polish number plates: a district of one to three letters, then four or five characters with a digit.

Plates look like product codes („WX 12345”, "BR 4000"), so they count only where the text speaks of a vehicle.
Source: the regulation on registering and marking vehicles (rozporządzenie w sprawie rejestracji i oznaczania pojazdów).

>>> text = "auto o nr rej. WX 12345"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['WX 12345']
>>> list(find(Reading("silnik WX 12345 do pralki")))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, LIKELY, Candidate, Reading

_ANNOUNCED: Final = re.compile(r"(?=[a-z]{0,3}[ -]?\w{0,4}\d)[a-z]{1,3}[ -]?[a-z0-9]{2,5}(?: [a-z]{3})?(?!\w)")
_SHAPE: Final = re.compile(
    r"(?<![\w-])(?!LOT|LED|RMA|PO |NR |EAN|FV |WZ )[BCDEFGHKLNOPRSTWZ][A-Z]{1,2} (?=[A-Z]{0,3}\d)(?:\d{5}|\d{4}[A-Z]"
    r"|\d{3}[A-Z]{2}|\d[A-Z]\d{3}|\d{2}[A-Z]{2}|[A-Z]\d{3}|\d{2}[A-Z]\d|\d[A-Z]\d{2}|[A-Z]{2}\d{2,3}|\d{4}"
    r"|\d{3}[A-Z])(?![\w-])"
)
_VEHICLE: Final = re.compile(
    r"\b(?:samochod\w*|aut[aoeu]m?|pojazd\w*|busa?|busem|motocykl\w*|skuter\w*|parking\w*|van|car|vehicle|truck)\b"
)


def find(reading: Reading) -> Iterator[Candidate]:
    """Plates the text names, and plate shapes within 60 characters of a vehicle."""
    for start in reading.announced("plate"):
        if match := _ANNOUNCED.match(reading.folded, start):
            yield Candidate(*match.span(), "plate", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        around = reading.folded[max(0, match.start() - 60) : match.end() + 60]
        if _VEHICLE.search(around) and not reading.is_business(match.start()):
            yield Candidate(*match.span(), "plate", LIKELY)
