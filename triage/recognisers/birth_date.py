"""Dates of birth. Other dates stay: deadlines are counted from them.

Source: RODO (2016/679) art. 4 pkt 1 – a factor specific to a person's identity.

>>> text = "ur. 12.03.1981 r., urodzona 5 maja 1979, born on 3rd May 1990; kupiony 12.03.2026"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['12.03.1981', '3rd May 1990', '5 maja 1979']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, Candidate, Reading

_MONTH: Final = (
    r"(?:styczn\w+|lut\w+|marc\w+|kwie\w+|maj\w*|czerw\w+|lip\w+|sierp\w+|wrzes\w+|pazdz\w+|listop\w+|grud\w+"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)"
)
_BORN: Final = re.compile(
    r"(?<!\w)(?:ur\.|urodz\.|urodzon[yaeio]\w*|urodzil\w*(?: sie)?|dat[aey]?(?:\w)? ur(?:odz\w*|\.)|d\. ?ur\."
    r"|born(?: on| in)?|d\.?o\.?b\.?|date of birth|birthday|birth date)"
    r"[\s:,.()-]*(?:(?:to|jest|is|dnia|w dniu|w|on|dn\.|the|byl[ao]?|was|moj[ae]?|my)[\s:]+){0,3}"
    rf"(?P<date>\d{{1,2}}(?:st|nd|rd|th)?[ .]{{1,2}}{_MONTH}\.?,? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    r"|\d{1,4} ?[./-] ?(?:\d{1,2}|[ivx]+) ?[./-] ?\d{2,4}|(?:19|20)\d{2}(?! ?r?\.? ?zl))(?!\w)"
)


def find(reading: Reading) -> Iterator[Candidate]:
    """Dates that follow a word for being born."""
    if reading.has_digit:
        for match in _BORN.finditer(reading.folded):
            yield Candidate(*match.span("date"), "birth_date", ANNOUNCED)
