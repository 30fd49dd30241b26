"""Folding: lower case without diacritics, so that „żółć”, „ŻÓŁĆ” and „zolc” are one.

>>> fold("Żółć w ODPŁYWIE")
'zolc w odplywie'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

# Letters that have no canonical decomposition and would keep their stroke under NFKD.
_STROKED: Final = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


def fold(text: str) -> str:
    """Lower-case a text and strip its diacritics; the length may change."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    lowered = lowered.translate(_STROKED)
    if lowered.isascii():
        return lowered
    # Compatibility forms such as „㎅” and „Ⅻ” unfold to capitals.
    return lowered.translate(_UNFOLDED).lower().translate(_STROKED)


def fold_all(texts: Sequence[str]) -> list[str]:
    """Fold many texts without line breaks, such as words, at once."""
    folded = fold("\n".join(texts)).split("\n")
    return folded if len(folded) == len(texts) else [*map(fold, texts)]


class _Unfolded(dict[int, str]):
    """What is left of every character met so far, by its code point, without its diacritics."""

    def __missing__(self, code: int) -> str:
        characters = unicodedata.normalize("NFKD", chr(code))
        self[code] = left = "".join(char for char in characters if not unicodedata.combining(char))
        return left


_UNFOLDED: Final = _Unfolded()
