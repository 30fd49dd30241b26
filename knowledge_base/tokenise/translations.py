"""Stems that translate each other between Polish and English, from ``translations.txt``.

The file is made by ``training/learn_translations.py`` from sentence pairs. With it, an English question finds the words
of a Polish section, and the other way round; what such a word counts for is fitted like that of the thesaurus.

>>> all_translations()["pomp"]
['pump']
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import chain, islice

from knowledge_base.tokenise.term_ids import term_ids


def all_translations() -> Mapping[str, Sequence[str]]:
    """Stems of either language to those of the other that translate them."""
    text = files("knowledge_base.tokenise").joinpath("translations.txt").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            english, *polish = line.split()
            found.setdefault(english, []).extend(polish)
            for stem in polish:
                found.setdefault(stem, []).append(english)
    return found


@functools.lru_cache(maxsize=1)
def translating_ids() -> Mapping[int, Sequence[int]]:
    """The same by the ids of the stems."""
    found = all_translations()
    ids = iter(term_ids([*found, *chain.from_iterable(found.values())]).tolist())
    keys = [*islice(ids, len(found))]
    return {key: [*islice(ids, len(stems))] for key, stems in zip(keys, found.values(), strict=True)}
