"""Words of after-sales that mean nearly the same, from ``thesaurus.txt``: „kasa” and „pieniądze”, "refund" and „zwrot”.

A query finds passages by the neighbours of its words too, at less weight than by the words themselves. So it does by
their translations (``translations``). Codes, models and other words with a digit have no neighbours.

>>> parse_thesaurus("kasa, forsa  # colloquial")
[('kasa', 'forsa')]
"""

from __future__ import annotations

import functools
from collections.abc import Set
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from knowledge_base.tokenise.translations import all_translations
from knowledge_base.tokenise.words import key_groups, split_words


@dataclass(frozen=True, slots=True)
class RelatedKeys:
    """Search keys of words that mean nearly the same as a word; its own are not among them.

    Attributes:
        lemmas: Polish lemmas.
        stems: stems, Polish and English.
    """

    lemmas: tuple[str, ...]
    stems: tuple[str, ...]


def parse_thesaurus(text: str) -> list[tuple[str, ...]]:
    """Sets of words, one a line, separated by commas; ``#`` begins a comment."""
    lines = (line.partition("#")[0] for line in text.splitlines())
    return [tuple(split_words(line)) for line in lines if line.strip()]


_NONE: Final = RelatedKeys((), ())


def related_keys(word: str) -> RelatedKeys:
    """Search keys of the neighbours of a lower-case word."""
    return related_to(word, _keys(word))


def related_to(word: str, own: Set[str]) -> RelatedKeys:
    """The same of a word whose own keys in both languages are known."""
    found: set[str] = set()
    neighbours, translations = _neighbours(), all_translations()
    for key in own:
        found.update(neighbours.get(key, ()), translations.get(key, ()))
    if not found or has_digit(word):
        return _NONE
    found -= own
    lemmas = {key for key in found if key.startswith("=")}
    return RelatedKeys(tuple(sorted(lemmas)), tuple(sorted(found - lemmas)))


@functools.lru_cache(maxsize=1)
def _neighbours() -> dict[str, frozenset[str]]:
    """Key of a word to the keys of the words it stands with."""
    text = files("knowledge_base.tokenise").joinpath("thesaurus.txt").read_text("utf-8")
    found: dict[str, set[str]] = {}
    for words in parse_thesaurus(text):
        keys = set().union(*map(_keys, words))
        for key in keys:
            found.setdefault(key, set()).update(keys)
    return {key: frozenset(others) for key, others in found.items()}


def has_digit(word: str) -> bool:
    """Whether a word is more than letters: a code, a model, a number."""
    return not word.isalpha() and any(char.isdigit() for char in word)


def _keys(word: str) -> set[str]:
    """All keys of a word in both languages; none for one with a digit."""
    if has_digit(word):
        return set()
    return {key for language in ("pl", "en") for group in key_groups(word, language) for key in group}
