"""Folded text has the letters of the text without case and marks, one for one, whatever it consists of."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.folding import fold

STROKES = dict(zip("łŁøØđĐßæÆœŒ", "lloodd" + "saaoo", strict=True))


def of_one(character: str) -> str:
    base = STROKES.get(character) or unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def test_characters_are_folded_alike_among_polish_words_and_among_foreign_ones() -> None:
    for code in (*range(0x3000), *range(0x3000, sys.maxunicode, 101)):
        if not 0xD800 <= code < 0xE000:
            character = chr(code)
            assert fold(f"ż{character}") == f"z{of_one(character)}" == fold(f"\u4e2dż{character}")[1:]


@given(st.text(st.sampled_from("aŻółć „”–ßﬁ\u0130\u4e2d7\n"), max_size=20))
def test_offsets_stay_true(text: str) -> None:
    assert fold(text) == "".join(map(of_one, text))
