"""Which words stand in which sentences of a passage, read once for each passage that searches lead to.

A query meets a word when they share a key. Words that were read are kept by their keys, so a query looks up the few
words that it meets, and what it meets in a passage is an intersection of two sets.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from typing import Final

from knowledge_base.hybrid.sentences import segment_spans
from knowledge_base.passage import Passage
from knowledge_base.tokenise import key_ids

_WORD: Final = re.compile(r"[^\W_]+")
# Passages whose words are remembered: those that many questions lead to are read once (about 12 kB each).
_REMEMBERED: Final = 1024
# Words kept by their keys; with more than that all is read anew.
_MOST_WORDS: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class WordPlaces:
    """The words of a passage.

    Attributes:
        spans: (start, end) of its sentences, items and rows; of the whole verbatim part where it has none.
        sentences: each lower-case word of them to the numbers of those that have it, ascending.
        heading: lower-case words of its own heading.
        written: distinct words of heading and text as written, in order.
        forms: each lower-case word of heading and text to the numbers of the ways in which it is written.
    """

    spans: tuple[tuple[int, int], ...]
    sentences: Mapping[str, tuple[int, ...]]
    heading: frozenset[str]
    written: tuple[str, ...]
    forms: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, passage: Passage) -> WordPlaces:
        """Read a passage."""
        text = passage.text
        spans = tuple(segment_spans(text, passage.prefix)) or ((passage.prefix, len(text)),)
        edges = [0, *chain.from_iterable(spans), len(text)]
        # No word reaches over an edge, so a look at each part finds every word once.
        parts = [*map(_WORD.findall, repeat(text), edges[:-1], edges[1:])]
        every = chain(_WORD.findall(passage.heading), *parts)
        # Interned: passages share most of their words, and most words are written in lower case.
        written = tuple(map(sys.intern, dict.fromkeys(every)))
        lowered = [*map(sys.intern, "\n".join(written).lower().split("\n"))] if written else []
        lower = dict(zip(written, lowered, strict=True))
        sentences: dict[str, tuple[int, ...]] = {}
        for number, words in enumerate(parts[1::2]):
            for word in {*map(lower.__getitem__, words)}:
                sentences[word] = (*sentences[word], number) if word in sentences else _alone(number)
        heading = frozenset(_WORD.findall(passage.section[-1].lower())) if passage.section else frozenset()
        forms: dict[str, tuple[int, ...]] = {}
        for number, word in enumerate(lowered):
            forms[word] = (*forms[word], number) if word in forms else _alone(number)
        return cls(spans, sentences, heading, written, forms)

    @property
    def words(self) -> Set[str]:
        """Lower-case words of heading and text."""
        return self.forms.keys()


@lru_cache(maxsize=_REMEMBERED)
def _alone(number: int) -> tuple[int]:
    """A number alone, shared by all passages."""
    return (number,)


class KnownWords:
    """Words of one language by their keys."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._known: set[str] = set()
        self._with_key: defaultdict[int, list[str]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, places: WordPlaces) -> None:
        """Add the words of a passage."""
        new = {*places.words, *places.heading}.difference(self._known)
        words = list(new)
        for word, keys in zip(words, key_ids(words, self._language), strict=True):
            for key in keys:
                self._with_key[key].append(word)
        self._known |= new  # only now: another thread must not take a word for known whose keys are not there yet

    def met(self, bits: Mapping[int, int]) -> dict[str, int]:
        """Known words that have one of some keys, each with the bits of its keys."""
        found: dict[str, int] = {}
        for key in bits.keys() & self._with_key.keys():
            bit = bits[key]
            for word in self._with_key[key]:
                found[word] = found.get(word, 0) | bit
        return found


class PassageWords:
    """Words of the passages that searches led to last."""

    def __init__(self) -> None:
        self.known = {language: KnownWords(language) for language in ("pl", "en")}
        self.places = lru_cache(maxsize=_REMEMBERED)(self._read)

    @property
    def full(self) -> bool:
        """Whether it holds as many words as it may."""
        return sum(map(len, self.known.values())) > _MOST_WORDS

    def _read(self, passage: Passage) -> WordPlaces:
        """The words of a passage; they are known from then on."""
        places = WordPlaces.of(passage)
        self.known[rules_of(passage)].learn(places)
        return places


def rules_of(passage: Passage) -> str:
    """The language by whose rules its words are keyed: all but Polish is taken for English."""
    return "pl" if passage.language == "pl" else "en"


def passage_words() -> PassageWords:
    """Those of this process; begun anew when they are full. Who holds the old ones may go on with them."""
    if _passage_words().full:
        _passage_words.cache_clear()
    return _passage_words()


@lru_cache(maxsize=1)
def _passage_words() -> PassageWords:
    return PassageWords()
