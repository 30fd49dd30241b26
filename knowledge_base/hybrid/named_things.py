"""Words that name what a question is about, from ``named_things.txt``: lands and their law, appliances, services.

>>> words = ["sprzedaż", "niemczech"]
>>> [(word, keys)] = named_things(words, [keyed.keys for keyed in keyed_words(words)])
>>> word, keys >= keys_of(["germany"])
('niemczech', True)
"""

from __future__ import annotations

import functools
from collections.abc import Sequence, Set
from importlib.resources import files

from knowledge_base.tokenise import keyed_words, split_words


def named_things(words: Sequence[str], keys: Sequence[Set[int]]) -> list[tuple[str, frozenset[int]]]:
    """The words that name a thing, each with the search keys of all the thing's names.

    Args:
        words: lower-case.
        keys: of each of them, in both languages.
    """
    things = _things()
    met = [(word, things.keys() & of_word) for word, of_word in zip(words, keys, strict=True)]
    return [(word, frozenset().union(*[names for key in own for names in things[key]])) for word, own in met if own]


def keys_of(words: Sequence[str]) -> frozenset[int]:
    """Search keys of some lower-case words in both languages."""
    return frozenset().union(*[keyed.keys for keyed in keyed_words(words)])


@functools.lru_cache(maxsize=1)
def _things() -> dict[int, list[frozenset[int]]]:
    """Search key of a name to the keys of all names of the same thing."""
    text = files("knowledge_base.hybrid").joinpath("named_things.txt").read_text("utf-8")
    things: dict[int, list[frozenset[int]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            keys = keys_of(split_words(line))
            for key in keys:
                things.setdefault(key, []).append(keys)
    return things
