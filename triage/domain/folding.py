"""Folding: lower case without diacritics, one character for one, so that offsets stay true.

>>> fold("Żółta ŁÓDŹ i naïve Ü")
'zolta lodz i naive u'
>>> len(fold("ß ﬁ Æ")) == len("ß ﬁ Æ")
True
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile("[a-z0-9]+")
_UNDECOMPOSED = str.maketrans("łŁøØđĐßæÆœŒ", "lLoOdDsaAoO")


def fold(text: str) -> str:
    """Fold ``text`` for matching; the result has the same length."""
    if text.isascii():
        return text.lower()
    try:
        return text.encode(_USUAL).translate(_FOLDED_BYTES).decode(_USUAL)
    except UnicodeEncodeError:
        return text.translate(_FOLDED)


def name_key(name: str) -> str:
    """What all spellings of a name have in common: capitals, diacritics and spaces do not matter.

    >>> name_key("  Przegląd  okresowy") == name_key("PRZEGLAD OKRESOWY")
    True
    """
    return " ".join(fold(unicodedata.normalize("NFKC", name)).split())


def words_of(text: str) -> tuple[str, ...]:
    """Folded words of letters a-z and digits, as the queue's search knows them.

    >>> words_of("Żółw, T-2026/07: anna@Example.com")
    ('zolw', 't', '2026', '07', 'anna', 'example', 'com')
    """
    return tuple(_WORD.findall(fold(text)))


class _Folded(dict[int, str]):
    """The folded form of every character met so far, by its code point."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        base = unicodedata.normalize("NFD", character.translate(_UNDECOMPOSED))[0].lower()
        self[code] = folded = base if len(base) == 1 else character
        return folded


_FOLDED = _Folded()
_USUAL = "cp1250"
"""Holds what Polish and most Western texts consist of; to translate bytes costs a tenth of what characters do."""
_FOLDED_BYTES = bytes(
    (bytes([code]).decode(_USUAL, "ignore").translate(_FOLDED).encode(_USUAL) or bytes([code]))[0]
    for code in range(256)
)
