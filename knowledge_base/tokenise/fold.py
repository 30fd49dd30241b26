"""Folding: lower case without diacritics, so that „żółć”, „ŻÓŁĆ” and „zolc” are one.

>>> fold("Żółć w ODPŁYWIE")
'zolc w odplywie'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

# Letters that have no canonical decomposition and would keep their stroke under NFKD.
_STROKED: Final[dict[str, str]] = {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
_STROKED_CODES: Final = {ord(letter): bare for letter, bare in _STROKED.items()}


def fold(text: str) -> str:
    """Lower-case a text and strip its diacritics; the length may change."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    # Texts have few letters that are not ASCII, and each is replaced at once: faster than a look at every character.
    for letter in _STROKED.keys() & set(lowered):
        lowered = lowered.replace(letter, _STROKED[letter])
    if lowered.isascii():
        return lowered
    for letter in set(lowered):
        if letter > "\x7f":
            lowered = lowered.replace(letter, _UNFOLDED[letter])
    # Compatibility forms such as „㎅” and „Ⅻ” unfold to capitals.
    return lowered.lower().translate(_STROKED_CODES)


def fold_all(texts: Sequence[str]) -> list[str]:
    """Fold many texts without line breaks, such as words, at once."""
    folded = fold("\n".join(texts)).split("\n")
    return folded if len(folded) == len(texts) else [*map(fold, texts)]


class _Unfolded(dict[str, str]):
    """What is left of every character met so far without its diacritics."""

    def __missing__(self, letter: str) -> str:
        characters = unicodedata.normalize("NFKD", letter)
        self[letter] = left = "".join(char for char in characters if not unicodedata.combining(char))
        return left


_UNFOLDED: Final = _Unfolded()
