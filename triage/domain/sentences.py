"""Sentences: where they begin and end, in letters as in the hasty text of customers.

>>> text = "Podstawa: art. 7a ust. 1 ustawy z 2014 r. o prawach konsumenta. dzialalo 2 dni i kaput! co teraz"
>>> [text[start:end] for start, end in sentence_spans(text)]
['Podstawa: art. 7a ust. 1 ustawy z 2014 r. o prawach konsumenta.', 'dzialalo 2 dni i kaput!', 'co teraz']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_ABBREVIATIONS = frozenset(
    "al art ang approx cf cz dr dz fig godz hr hrs inc inż itd itp jr ltd m.in mec mgr min mln mr mrs ms nr np "
    "no ok o.o os pan "
    "pkt pl por poz prof pt rys s.a sp sr st str szt tel tj tys tzn tzw u ul ust vs wg ww zam zob zł e.g i.e "
    "z.o.o".split()
)
_BOUNDARY = re.compile(r"[.!?…][.!?…]*[\"”’»)\]*]*(?=\s)")  # a class first: it is sought faster than [.!?…]+
_VISIBLE = re.compile(r"\S")
_LAST_WORD = re.compile(r"[^\s(„\"\[]+$")
LONGEST_REMEMBERED = 20_000
LONGEST = max(map(len, _ABBREVIATIONS)) + 1
_LINE = re.compile(r"[^\n]+")
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}$")


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield ``(start, end)`` of every sentence, in order; a line break always ends one.

    Each span is stripped of white space and not empty; the spans do not overlap.
    """
    return iter(_remembered(text)) if len(text) <= LONGEST_REMEMBERED else _spans(text)


@lru_cache(maxsize=16)
def _remembered(text: str) -> tuple[tuple[int, int], ...]:
    """Kept for a moment: one ticket's stages ask for the same letters."""
    return tuple(_spans(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for line in _LINE.finditer(text):
        start = line.start()
        for boundary in _BOUNDARY.finditer(text, line.start(), line.end()):
            if _goes_on(text, start, boundary, line.end()):
                continue
            yield _stripped(text, start, boundary.end())
            start = boundary.end()
        if not text[start : line.end()].isspace() and start < line.end():
            yield _stripped(text, start, line.end())


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space around it; it holds more than that."""
    sentence = text[start:end]
    bare = sentence.strip()
    left = start + sentence.find(bare)
    return left, left + len(bare)


def _goes_on(text: str, start: int, boundary: re.Match[str], line_end: int) -> bool:
    """Whether the full stop only ends an abbreviation, an initial or an item's number."""
    if boundary[0] != ".":
        return False
    end = boundary.start()
    before = text[max(start, end - LONGEST) : end]  # all that an abbreviation or a number can be told by
    word = _LAST_WORD.search(before)
    last = word[0].lower() if word else ""
    if last in _ABBREVIATIONS:
        return last not in ("itd", "itp", "zł", "min", "no", "ok", "u") or _goes_on_small(text, boundary, line_end)
    if len(last) == 1 and last.isalpha():
        return _goes_on_small(text, boundary, line_end)
    if not _ORDINAL.search(before):
        return False
    return not text[start:end].strip()[:-2].strip() or _goes_on_small(text, boundary, line_end)


def _goes_on_small(text: str, boundary: re.Match[str], line_end: int) -> bool:
    """Whether the next letter is a small one."""
    following = _VISIBLE.search(text, boundary.end(), line_end)
    return following is not None and following[0].islower()
