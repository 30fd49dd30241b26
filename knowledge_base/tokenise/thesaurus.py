"""Words of after-sales that mean nearly the same, from ``thesaurus.txt``: „kasa” and „pieniądze”, "refund" and „zwrot”.

A query finds passages by the neighbours of its words too, at less weight than by the words themselves. So it does by
their translations (``translations``). Codes, models and other words with a digit have no neighbours.

>>> parse_thesaurus("kasa, forsa  # colloquial")
[('kasa', 'forsa')]
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.tokenise.common_words import KeyIds
from knowledge_base.tokenise.keyed_words import KeyedWord, keyed_words
from knowledge_base.tokenise.translations import translating_ids
from knowledge_base.tokenise.words import split_words


class RelatedKeys(NamedTuple):
    """Ids of the search keys of words that mean nearly the same as a word; its own are not among them.

    Attributes:
        lemmas: Polish lemmas.
        stems: stems, Polish and English.
    """

    lemmas: KeyIds
    stems: KeyIds


def parse_thesaurus(text: str) -> list[tuple[str, ...]]:
    """Sets of words, one a line, separated by commas; ``#`` begins a comment."""
    lines = (line.partition("#")[0] for line in text.splitlines())
    return [tuple(split_words(line)) for line in lines if line.strip()]


_NONE: Final = RelatedKeys((), ())


def related_keys(word: str) -> RelatedKeys:
    """Search keys of the neighbours of a lower-case word."""
    [keyed] = keyed_words([word])
    return related_to(word, keyed)


def related_to(word: str, keyed: KeyedWord) -> RelatedKeys:
    """The same of a word whose own keys are known."""
    if has_digit(word):
        return _NONE
    neighbours, translations = _neighbours(), translating_ids()
    lemmas: set[int] = set()
    stems: set[int] = set()
    for key in keyed.lemmas + keyed.stems:
        if near := neighbours.get(key):
            lemmas.update(near.lemmas)
            stems.update(near.stems)
        stems.update(translations.get(key, ()))
    if not lemmas and not stems:
        return _NONE
    return RelatedKeys(tuple(sorted(lemmas.difference(keyed.lemmas))), tuple(sorted(stems.difference(keyed.stems))))


class _Near(NamedTuple):
    """Ids of the keys of all words that a word stands with, its own among them."""

    lemmas: set[int]
    stems: set[int]


@functools.lru_cache(maxsize=1)
def _neighbours() -> dict[int, _Near]:
    """Id of a key to those of the words it stands with."""
    text = files("knowledge_base.tokenise").joinpath("thesaurus.txt").read_text("utf-8")
    sets = [[word for word in words if not has_digit(word)] for words in parse_thesaurus(text)]
    keyed = iter(keyed_words([word for words in sets for word in words]))
    found: dict[int, _Near] = {}
    for words in sets:
        members = [next(keyed) for _ in words]
        lemmas, stems = ({key for keys in each for key in keys} for each in _columns(members))
        for key in lemmas | stems:
            near = found.setdefault(key, _Near(set(), set()))
            near.lemmas.update(lemmas)
            near.stems.update(stems)
    return found


def neighbour_tables() -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
    """What keys share with others, as compiled functions read it.

    Returns:
        Ids of keys, ascending, uint64 of shape (n_keys,); where the lemmas and then the stems of each one's neighbours
        and translations begin, and the last ones end, int64 of shape (2 · n_keys + 1,); their ids, uint64.
    """
    neighbours, translations = _neighbours(), translating_ids()
    keys = sorted({*neighbours, *translations})
    runs: list[set[int]] = []
    for key in keys:
        near = neighbours.get(key, _Near(set(), set()))
        runs += [near.lemmas, near.stems.union(translations.get(key, ()))]
    sizes = np.array([0, *map(len, runs)], np.int64)
    return np.array(keys, np.uint64), sizes.cumsum(), np.array([key for run in runs for key in run], np.uint64)


def _columns(members: Sequence[KeyedWord]) -> tuple[list[KeyIds], list[KeyIds]]:
    """Lemmas and stems of several words."""
    return [member.lemmas for member in members], [member.stems for member in members]


def has_digit(word: str) -> bool:
    """Whether a word is more than letters: a code, a model, a number."""
    return not word.isalpha() and any(char.isdigit() for char in word)
