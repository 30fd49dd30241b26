"""Which words stand in which sentences of a passage, where no compiled function finds them.

Also where a text has letters that one in lower case does not take the place of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from knowledge_base.hybrid.sentences import segment_spans
from knowledge_base.hybrid.word_forms import flipped, hashes_of
from knowledge_base.passage import Passage

_WORD: Final = re.compile(r"[^\W_]+")
# Passages whose words are remembered: those that many questions lead to are read once (about 20 kB each).
_REMEMBERED: Final = 1024
# In lower case the first is two characters, and the second another at the end of a word.
_NOT_BY_CHARACTERS: Final = ("İ", "Σ")


class Word(NamedTuple):
    """A word of a passage.

    Attributes:
        hash: as ``WordForms`` has it.
        written: as written.
        sentence: number of the one it stands in; -1 in none.
        in_heading: whether it stands in the passage's own heading.
    """

    hash: int
    written: str
    sentence: int
    in_heading: bool


class WordPlaces(NamedTuple):
    """The words of a passage.

    Attributes:
        spans: (start, end) of its sentences, items and rows; of the whole verbatim part where it has none.
        words: of its title, the headings above it and its text, in order.
    """

    spans: tuple[tuple[int, int], ...]
    words: tuple[Word, ...]


def lowered_by_characters(text: str) -> bool:
    """Whether each letter of a text has one in lower case."""
    return not any(letter in text for letter in _NOT_BY_CHARACTERS)


@lru_cache(maxsize=_REMEMBERED)
def word_places(passage: Passage) -> WordPlaces:
    """Read a passage."""
    text = passage.text
    spans = tuple(segment_spans(text, passage.prefix)) or ((passage.prefix, len(text)),)
    above = (passage.title, *passage.section)
    found: list[tuple[str, int, bool]] = []
    for number, heading in enumerate(above):
        is_own = 0 < number == len(passage.section)
        found += [(word, -1, is_own) for word in _WORD.findall(heading)]
    sentence = 0
    for word in _WORD.finditer(text):
        while sentence < len(spans) and spans[sentence][1] <= word.start():
            sentence += 1
        within = sentence < len(spans) and spans[sentence][0] <= word.start()
        found.append((word[0], sentence if within else -1, False))
    hashes = _hashes([word for word, _, _ in found], passage.language)
    return WordPlaces(spans, tuple(Word(one, *each) for one, each in zip(hashes, found, strict=True)))


def _hashes(words: Iterable[str], language: str) -> list[int]:
    found: list[int] = flipped(hashes_of([word.lower() for word in words]), language).tolist()
    return found
