"""Words that name what a question is about, from ``named_things.txt``: lands and their law, appliances, services.

>>> named = named_things(["sprzedaż", "niemczech"])
>>> [(word, sorted(keys & {"german", "=niemcy"})) for word, keys in named]
[('niemczech', ['=niemcy', 'german'])]
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.resources import files

from knowledge_base.tokenise import split_words, word_keys

_LANGUAGES = ("pl", "en")
_CACHED_WORDS = 4096


def named_things(words: Iterable[str]) -> list[tuple[str, frozenset[str]]]:
    """The lower-case words that name a thing, each with the search keys of all the thing's names."""
    return [(word, names) for word in words if (names := _names_of(word))]


@functools.lru_cache(maxsize=_CACHED_WORDS)
def _names_of(word: str) -> frozenset[str]:
    """Search keys of all names of the things that a lower-case word names."""
    things = _things()
    return frozenset().union(*(names for key in _keys(word) for names in things.get(key, ())))


def keys_of(words: Iterable[str]) -> frozenset[str]:
    """Search keys of some lower-case words in both languages."""
    return frozenset().union(*map(_keys, words))


def _keys(word: str) -> frozenset[str]:
    return frozenset(key for language in _LANGUAGES for key in word_keys(word, language))


@functools.lru_cache(maxsize=1)
def _things() -> dict[str, list[frozenset[str]]]:
    """Search key of a name to the keys of all names of the same thing."""
    text = files("knowledge_base.hybrid").joinpath("named_things.txt").read_text("utf-8")
    things: dict[str, list[frozenset[str]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            keys = keys_of(split_words(line))
            for key in keys:
                things.setdefault(key, []).append(keys)
    return things
