"""Numbers spelled out in words, as call notes and transcripts hold them.

>>> [number for _, _, number in spoken_numbers("piecset dwanascie sto dwadziescia trzy czterysta piecdziesiat szesc")]
['512123456']
>>> [number for _, _, number in spoken_numbers("zero seven double four two, and then six oh one")]
['07442', '601']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_UNITS: Final = {
    word: value
    for value, words in enumerate(
        (
            "zero oh",
            "jeden jedna jedynka one",
            "dwa dwie dwojka two",
            "trzy trojka three",
            "cztery czworka four",
            "piec piatka five",
            "szesc szostka six",
            "siedem siodemka seven",
            "osiem osemka eight",
            "dziewiec dziewiatka nine",
        )
    )
    for word in words.split()
}
_TEENS: Final = {
    word: value
    for value, words in enumerate(
        (
            "dziesiec ten",
            "jedenascie eleven",
            "dwanascie twelve",
            "trzynascie thirteen",
            "czternascie fourteen",
            "pietnascie fifteen",
            "szesnascie sixteen",
            "siedemnascie seventeen",
            "osiemnascie eighteen",
            "dziewietnascie nineteen",
        ),
        start=10,
    )
    for word in words.split()
}
_TENS: Final = {
    word: value
    for value, words in zip(
        range(20, 100, 10),
        (
            "dwadziescia twenty",
            "trzydziesci thirty",
            "czterdziesci forty",
            "piecdziesiat fifty",
            "szescdziesiat sixty",
            "siedemdziesiat seventy",
            "osiemdziesiat eighty",
            "dziewiecdziesiat ninety",
        ),
        strict=True,
    )
    for word in words.split()
}
_HUNDREDS: Final = {
    "sto": 100,
    "dwiescie": 200,
    "trzysta": 300,
    "czterysta": 400,
    "piecset": 500,
    "szescset": 600,
    "siedemset": 700,
    "osiemset": 800,
    "dziewiecset": 900,
}
_REPEATS: Final = {"double": 2, "triple": 3}
_NUMBER_WORD: Final = "|".join(sorted([*_UNITS, *_TEENS, *_TENS, *_HUNDREDS, *_REPEATS], key=len, reverse=True))
_RUN: Final = re.compile(rf"(?<!\w)(?:{_NUMBER_WORD})(?:[ ,-]+(?:{_NUMBER_WORD}))+(?!\w)")
_RANKS: Final = ((_HUNDREDS, 3), (_TENS, 2), (_TEENS, 2), (_UNITS, 1))


def spoken_numbers(folded: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and digits of every run of number words, read group by group as numbers are dictated."""
    for match in _RUN.finditer(folded):
        yield match.start(), match.end(), _digits(re.findall(r"\w+", match.group()))


def _digits(words: list[str]) -> str:
    """Hundreds take tens and units that follow, tens take units; anything else begins a new group."""
    groups: list[str] = []
    value, open_rank, repeat = 0, 0, 1
    for word in words:
        if word in _REPEATS:
            repeat = _REPEATS[word]
            continue
        table, rank = next((table, rank) for table, rank in _RANKS if word in table)
        if rank < open_rank and repeat == 1:
            value += table[word]
            groups[-1] = str(value)
        else:
            value = table[word]
            groups.append(str(value) * repeat)
        open_rank = 0 if table is _UNITS or table is _TEENS or repeat > 1 else rank
        repeat = 1
    return "".join(groups)
