"""Where in a text matches may begin that begin with certain letters.

>>> starts = Starts.of(Beginnings(of_words=("rek", "30 dni"), anywhere=("!",)))
>>> list(starts.within("dorekty, reklamacja! 14 dni i 30 dni"))
[9, 19]
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from triage.domain.beginnings import DIGIT, Beginnings

KEY, LONG_KEY = 3, 5
"""Letters of a word's keys: by them it is seen at once which words are not in a text."""
LONGEST_REMEMBERED = 100_000
_WORD, _NO_WORD = re.compile(r"\w+"), re.compile(r"\W")
_USUAL = "cp1250"
"""Holds what most texts consist of; to translate bytes costs a tenth of what characters do."""
_ZEROED = bytes(ord("0") if DIGIT.match(chr(code)) else code for code in range(128)) + bytes(range(128, 256))
_SPACED = bytes(
    code if _WORD.match(bytes([code]).decode(_USUAL, "ignore")) else ord(" ") for code in _ZEROED
)  # what is no letter of a word parts words


@dataclass(frozen=True, slots=True)
class Starts:
    """Letters that matches begin with.

    Attributes:
        of_words: beginnings of words, by the key of their first word.
        of_short_words: those of them that may be only a part of that key.
        anywhere: beginnings that may stand within a word.
    """

    of_words: dict[str, tuple[str, ...]]
    of_short_words: tuple[str, ...]
    anywhere: tuple[str, ...]

    @classmethod
    def of(cls, beginnings: Beginnings) -> Starts:
        """Sort beginnings by how they are found."""
        of_words: dict[str, tuple[str, ...]] = {}
        for letters in beginnings.of_words:
            of_words[_key(letters)] = (*of_words.get(_key(letters), ()), letters)
        short = of_words.pop("", ())
        return cls(of_words, short, beginnings.anywhere)

    def within(self, text: str) -> Sequence[int]:
        """Places of a text, in order."""
        plain, keys, places = _words_of(text) if len(text) <= LONGEST_REMEMBERED else _read_words(text)
        found: list[int] = []
        for key in self.of_words.keys() & keys:
            beginnings = self.of_words[key]
            found += [place for place in places[key[:KEY]] if plain.startswith(beginnings, place)]
        if self.of_short_words:
            for key in [key for key in places if key.startswith(self.of_short_words)]:
                found += places[key]
        for letters in self.anywhere:
            if letters in plain:
                found += _places(plain, letters)
        return sorted(found) if len(found) > 1 else found


class _Words(NamedTuple):
    """The words of a text.

    Attributes:
        plain: the text with 0 for every digit.
        keys: of all words.
        places: where words begin, by their short key.
    """

    plain: str
    keys: frozenset[str]
    places: dict[str, list[int]]


def _key(letters: str) -> str:
    """The key of the first word; empty where the letters may be only a part of one."""
    match = _WORD.match(letters)
    word = match[0] if match else ""
    if len(word) >= LONG_KEY or len(word) < len(letters):
        return word[:LONG_KEY]
    return word[:KEY] if len(word) >= KEY else ""


@lru_cache(maxsize=8)
def _words_of(text: str) -> _Words:
    """Kept for the patterns that are tried on the text next."""
    return _read_words(text)


def _read_words(text: str) -> _Words:
    try:
        written = text.encode(_USUAL).translate(_ZEROED)
        plain, spaced = written.decode(_USUAL), written.translate(_SPACED).decode(_USUAL)
    except UnicodeEncodeError:
        plain = DIGIT.sub("0", text)
        spaced = _NO_WORD.sub(" ", plain)
    words = spaced.split(" ")
    places: dict[str, list[int]] = defaultdict(list)
    place = 0
    for word in words:
        places[word[:KEY]].append(place)
        place += len(word) + 1
    return _Words(plain, frozenset([*places, *[word[:LONG_KEY] for word in words]]), places)


def _places(text: str, letters: str) -> list[int]:
    places = []
    place = text.find(letters)
    while place >= 0:
        places.append(place)
        place = text.find(letters, place + 1)
    return places
