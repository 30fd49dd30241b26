"""Folding: lower case without diacritics, one character for one, so that offsets stay true.

>>> fold("Żółta ŁÓDŹ i naïve Ü")
'zolta lodz i naive u'
>>> len(fold("ß ﬁ Æ")) == len("ß ﬁ Æ")
True
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile("[a-z0-9]+")
_UNDECOMPOSED = str.maketrans("łŁøØđĐßæÆœŒ", "lLoOdDsaAoO")


def fold(text: str) -> str:
    """Fold ``text`` for matching; the result has the same length."""
    folded = text.translate(_UNDECOMPOSED).lower() if text.isascii() else "".join(map(_fold_character, text))
    return folded if len(folded) == len(text) else "".join(map(_fold_character, text))


def words_of(text: str) -> tuple[str, ...]:
    """Folded words of letters a-z and digits, as the queue's search knows them.

    >>> words_of("Żółw, T-2026/07: anna@Example.com")
    ('zolw', 't', '2026', '07', 'anna', 'example', 'com')
    """
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFD", character.translate(_UNDECOMPOSED))[0].lower()
    return base if len(base) == 1 else character
