"""Folding: lower case without diacritics, so that „żółć”, „ŻÓŁĆ” and „zolc” are one.

>>> fold("Żółć w ODPŁYWIE")
'zolc w odplywie'
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# Letters that have no canonical decomposition and would keep their stroke under NFKD.
_STROKED: Final[dict[str, str]] = {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
_POLISH: Final = (*zip("ąćęłńóśźż", "acelnoszz", strict=True),)
_FOREIGN: Final = re.compile("[^\0-\x7f]")


def fold(text: str) -> str:
    """Lower-case a text and strip its diacritics; the length may change."""
    lowered = _without_polish(text.lower())
    if lowered.isascii():
        return lowered
    # Compatibility forms such as „㎅” and „Ⅻ” unfold to capitals.
    lowered = _FOREIGN.sub(_unfolded, lowered).lower()
    return lowered if lowered.isascii() else _FOREIGN.sub(_without_stroke, lowered)


def fold_all(texts: Sequence[str]) -> list[str]:
    """Fold many texts without line breaks, such as words, at once."""
    folded = _without_polish("\n".join(texts).lower()).split("\n")
    if len(folded) != len(texts):
        return [*map(fold, texts)]
    return [text if text.isascii() else fold(text) for text in folded]


def _without_polish(lowered: str) -> str:
    """Polish texts have few letters that are not ASCII: each replaced at once takes less than a look at every one."""
    if not lowered.isascii():
        for letter, bare in _POLISH:
            lowered = lowered.replace(letter, bare)
    return lowered


def _unfolded(letter: re.Match[str]) -> str:
    """What is left of a character without its diacritics."""
    return _left_of(letter[0])


@functools.lru_cache(maxsize=1 << 12)
def _left_of(letter: str) -> str:
    characters = unicodedata.normalize("NFKD", letter)
    return "".join(char for char in characters if not unicodedata.combining(char))


def _without_stroke(letter: re.Match[str]) -> str:
    return _STROKED.get(letter[0], letter[0])
