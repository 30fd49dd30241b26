"""A photo, film or other attachment is mentioned as sent.

>>> [f.value for f in find(Passage("foto w zalaczniku, photos attached; nie mam zdjęcia"))]
['foto', 'w zalaczniku', 'photos', 'attached']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, matches

_SENT: Final = re.compile(
    r"(?<!\w)(?:fot(?:o|k[aięe]\w*|ografi\w+)|zdjec\w+|fotek|film(?:ik)?\w{0,3}|nagran\w+|nagral\w+|zrzut\w* ekranu"
    r"|screen\w*|skan\w*|(?:w|do) zalacz\w+|zalacz(?:am|amy|ylem|ylam|ony|ona|one|eniu)|przesylam zdj\w+"
    r"|photos?|pictures?|pics?|video|footage|attach(?:ed|ing|ment)s?|enclosed)(?!\w)"
)
_NOT_SENT: Final = re.compile(
    r"(?:nie mam|nie ma|brak|hang|bez|nie zrobil\w+|czy|no|without|don't have(?: any| a)?|can't|will send|wysle|dosle"
    r"|zrobie|prosimy o|prosze o|numer seryjny .{0,30}oraz|i'll send)(?: \w+){0,2} $"
)


def find(passage: Passage) -> Iterator[Finding]:
    """Words for something attached, unless it is missing, asked for or still to come."""
    yield from matches("photo", passage, _SENT, 0.8, unless=_NOT_SENT)
