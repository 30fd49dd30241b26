"""How much each word of a query says about its subject, before anything is known of the documents.

A small knowledge base cannot tell common words from rare ones: of 500 passages „zażywał” stands in as few as „Kiedis”.
How common words are at large (``word_counts.txt``, made by ``training/count_words.py``) tells them apart, and so does
how they are written: a capital within a sentence begins a name, and numbers are exact. Only the proportions matter.

>>> weights = word_weights("Czy Kiedis zażywał narkotyki w 1990 roku?")
>>> weights["kiedis"] == weights["1990"] > weights["narkotyki"] > weights["roku"]
True
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final

from knowledge_base.tokenise.fold import fold
from knowledge_base.tokenise.words import all_key_groups, is_stop_word, split_words

# Chosen on PoQuAD, SciFact (train), a phone manual and the questions about the sample documents together.
#: A word of twice as many sentences weighs so much less.
_TWICE_AS_COMMON: Final = 2**-0.1
#: Names and numbers weigh so much more than another word as rare.
_NAME: Final = 1.65
#: Whom a letter speaks to: written with a capital out of courtesy, and no part of its subject. Folded.
_COURTESY: Final = frozenset(
    """
    pan pana panu panem panie panowie panow panom pani pania paniom panstwo panstwa panstwu panstwem
    wasz wasza wasze waszego waszej waszemu waszym waszych waszymi wami twojego twojej twoim twoich ciebie tobie
    szanowni szanowna szanowny szanowne
    """.split()
)
# Most words begin with a small letter that the pattern need not take up; of the others it is asked.
_CAPITALISED: Final = re.compile(r"(?<![.!?:…])\s[\"'„”(«]?([^\W\d_a-ząćęłńóśźż][^\W\d_]*)")
#: Binary logarithm of the number of sentences of the commonest words.
_COMMONEST: Final = 15
_CACHED_WORDS: Final = 1 << 14


def word_weights(text: str) -> dict[str, float]:
    """Weights > 0 of the lower-case words of a text that are no stop words, each once, in order."""
    words = [word for word in dict.fromkeys(split_words(text)) if not is_stop_word(word)]
    weights = dict(zip(words, _known_weights().of(words), strict=True))
    if not text.isupper():
        names = {match[1].lower() for match in _CAPITALISED.finditer(text) if match[1][0].isupper()}
        for name in names.intersection(weights):
            if not is_courtesy(name):
                weights[name] *= _NAME
    return weights


def is_courtesy(word: str) -> bool:
    """Whether a lower-case word only says whom a letter speaks to: „Państwo”, „Pani”."""
    return word in _COURTESY or (not word.isascii() and fold(word) in _COURTESY)


class _KnownWeights:
    """Weights of the words that were asked for."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def of(self, words: Sequence[str]) -> list[float]:
        """Weights of lower-case words."""
        known = self._known
        if len(known) > _CACHED_WORDS:
            known = self._known = {}
        if new := [word for word in words if word not in known]:
            by_language = (all_key_groups(new, language) for language in ("pl", "en"))
            for word, polish, english in zip(new, *by_language, strict=True):
                known[word] = _weight_of(word, {groups[-1][-1] for groups in (polish, english) if groups})
        return [known[word] for word in words]


@functools.lru_cache(maxsize=1)
def _known_weights() -> _KnownWeights:
    return _KnownWeights()


def _weight_of(word: str, stems: Iterable[str]) -> float:
    if not word.isalpha():
        return _NAME
    if is_courtesy(word):
        return float(_TWICE_AS_COMMON**_COMMONEST)
    return float(_TWICE_AS_COMMON ** max((_levels().get(stem, 0) for stem in stems), default=0))


@functools.lru_cache(maxsize=1)
def _levels() -> dict[str, int]:
    """Stem to the binary logarithm of the number of sentences it stands in."""
    text = files("knowledge_base.tokenise").joinpath("word_counts.txt").read_text("utf-8")
    levels: dict[str, int] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            level, *stems = line.split()
            levels |= dict.fromkeys(stems, int(level))
    return levels
