"""Promises: what the desk said it would do, and by when; also what a customer says was promised.

>>> now = date(2026, 11, 18)
>>> [f.value for f in find(Passage("Oddzwonimy do piątku. Nowy termin to 20.11. Dziękujemy."), now, by_desk=True)]
['2026-11-20', '2026-11-20']
>>> [f.value for f in find(Passage("Obiecywaliście zwrot i nic"), now, by_desk=False)]
['obiecywaliscie zwrot i nic']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from triage.recognisers.facts.days import find_days
from triage.recognisers.facts.finding import Finding, Passage

_BY_DESK: Final = re.compile(
    r"(?<!\w)(?:oddzwoni\w+|odpowiemy|odpiszemy|wysl(?:emy|ane|any)|zwrocimy|naprawimy|wymienimy|skontaktujemy"
    r"|odezw\w+|przeslemy|poinformujemy|damy znac|kurier odbierze|odbierze\w*|nowy termin|termin to|zostanie"
    r"|bedzie gotow\w*|do konca"
    r"|we(?:'ll| will)|will (?:be|send|call|get)|you will (?:receive|get|hear)|confirmed dispatch|by the end)(?!\w)"
)
_REPORTED: Final = re.compile(
    r"(?<!\w)(?:obiec\w+|mial[aoy]? (?:byc|przyjechac|zadzwonic|oddzwonic|przyjsc|dotrzec)|mieliscie|zapewnial\w+"
    r"|deklarowal\w+|promised|you said|was supposed to|were supposed to|told me (?:it|you|that))(?!\w)"
)
_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]*)*")


def find(passage: Passage, now: date, *, by_desk: bool) -> Iterator[Finding]:
    """Sentences that promise; the value is the day promised, or the words where no day is named."""
    cue = _BY_DESK if by_desk else _REPORTED
    if not cue.search(passage.folded):  # days are not looked for where nobody promises
        return
    days = list(find_days(passage, now))
    for sentence in _SENTENCE.finditer(passage.folded):
        match = cue.search(sentence.group())
        if not match:
            continue
        start = sentence.start() + match.start()
        inside = [day for day in days if start <= day.start < sentence.end()]
        value = (
            (inside[0].future if by_desk else inside[0].past).isoformat()
            if inside
            else passage.folded[start : sentence.end()].strip()
        )
        end = max([sentence.end(), *(day.end for day in inside)])
        yield Finding("promise", value, start, min(end, len(passage.text)), 0.8 if by_desk else 0.5)
