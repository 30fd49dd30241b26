"""Passwords, PINs and unlock codes that people put into a ticket.

Source: RODO (2016/679) art. 32; PCI DSS 4.0 req. 3.3 for PINs. Only the secret is hidden, so that the desk still sees
that one was sent and can tell the customer to change it.

>>> text = "hasło do wifi: Kot!2024 i pin 1234, kod do telefonu 1122; hasło nie działa, zmiana hasła"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['1122', '1234', 'Kot!2024']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, Candidate, Reading

_OF: Final = r"(?: (?:do|dla|of|for|to|na|from|z)(?: (?:the|my|mojego|mojej|naszego|konta|sieci))? [^\W\d_]+){0,2}"
_SECRET: Final = r"(?P<secret>[^\s,;\"”„<>⟦⟧]{3,40}?)(?=[\s,;\"”„<>)⟦⟧]|[.!?](?:\s|$)|$)"
_ASSIGNED: Final = re.compile(
    rf"(?<!\w)(?:has(?:l|ł)(?:o|a|em)|password|passwd|pwd|passcode|passphrase|unlock code|screen code|access code"
    rf"|kod dostepu|pin|kod pin|pin code|puk){_OF} ?(?:to|:|=|is|brzmi|-(?= )|–|to:|jest)+ ?[\"”„']?{_SECRET}"
)
_BARE: Final = re.compile(
    r"(?<!\w)(?:hasl(?:o|em)|password|passcode|pin|puk|pin code|kod pin|kod (?:do|odblokowania|blokady)(?: \w+)?"
    r"|unlock code|screen code|kod dostepu)"
    rf"{_OF}(?: (?:is|to|jest|was|:))? (?P<secret>(?=\S*\d)[^\s,;.\"”„<>)]{{4,40}})"
)
_LOGIN_PAIR: Final = re.compile(
    r"(?<!\w)(?:login|user|uzytkownik)\w*[/ ]+(?:haslo|password)[: ]+\S+ ?[/ ] ?(?P<secret>[^\s,;]{3,40})"
)
_NOT_A_SECRET: Final = re.compile(
    r"(?:nie|na|nowe|zapomn\w*|zmien\w*|dzial\w*|ok|blad|bledn\w*|zle|not|wrong|incorrect|invalid|forgotten|the|ten|to"
    r"|moje?|required|wymagan\w*)$"
)


def find(reading: Reading) -> Iterator[Candidate]:
    """Secrets that follow a word for one."""
    for pattern in (_ASSIGNED, _BARE, _LOGIN_PAIR):
        for match in pattern.finditer(reading.folded):
            start, end = match.span("secret")
            if not _NOT_A_SECRET.match(reading.folded[start:end]):
                yield Candidate(start, end, "password", ANNOUNCED)
