"""Stems that translate each other between Polish and English, from ``translations.txt``.

The file is made by ``training/learn_translations.py`` from sentence pairs. With it, an English question finds the words
of a Polish section, and the other way round; what such a word counts for is fitted like that of the thesaurus.

>>> sorted(translations_of("pomp"))
['pump']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files


def translations_of(stem: str) -> frozenset[str]:
    """Stems of the other language that translate a stem of either."""
    return frozenset(all_translations().get(stem, ()))


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
