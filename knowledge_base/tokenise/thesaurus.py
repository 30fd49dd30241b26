"""Words of after-sales that mean nearly the same, from ``thesaurus.txt``: „kasa” and „pieniądze”, "refund" and „zwrot”.

A query finds passages by the neighbours of its words too, at less weight than by the words themselves. So it does by
their translations (``translations``). Codes, models and other words with a digit have no neighbours.

>>> parse_thesaurus("kasa, forsa  # colloquial")
[('kasa', 'forsa')]
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

from knowledge_base.tokenise.common_words import KeyIds
from knowledge_base.tokenise.keyed_words import KeyedWord, keyed_words
from knowledge_base.tokenise.term_ids import term_ids
from knowledge_base.tokenise.translations import all_translations
from knowledge_base.tokenise.words import key_groups, split_words


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
    known = _neighbours()
    found = [near for key in keyed.lemmas + keyed.stems if (near := known.get(key))]
    if not found or has_digit(word):
        return _NONE
    lemmas, stems = (set().union(*each) for each in zip(*found, strict=True))
    return RelatedKeys(tuple(sorted(lemmas.difference(keyed.lemmas))), tuple(sorted(stems.difference(keyed.stems))))


@functools.lru_cache(maxsize=1)
def _neighbours() -> dict[int, RelatedKeys]:
    """Id of a key to those of the words it stands with, and to those of the stems that translate it."""
    found = {key: set(translations) for key, translations in all_translations().items()}
    text = files("knowledge_base.tokenise").joinpath("thesaurus.txt").read_text("utf-8")
    for words in parse_thesaurus(text):
        keys = set().union(*map(_keys, words))
        for key in keys:
            found.setdefault(key, set()).update(keys)
    every = [*found.keys() | set().union(*found.values())]
    ids = dict(zip(every, term_ids(every).tolist(), strict=True))
    return {ids[key]: _split(near, ids) for key, near in found.items()}


def _split(keys: Iterable[str], ids: Mapping[str, int]) -> RelatedKeys:
    """Lemmas, which are marked, and stems."""
    lemmas = {key for key in keys if key.startswith("=")}
    return RelatedKeys(tuple([ids[key] for key in lemmas]), tuple([ids[key] for key in keys if key not in lemmas]))


def has_digit(word: str) -> bool:
    """Whether a word is more than letters: a code, a model, a number."""
    return not word.isalpha() and any(char.isdigit() for char in word)


def _keys(word: str) -> set[str]:
    """All keys of a word in both languages; none for one with a digit."""
    if has_digit(word):
        return set()
    return {key for language in ("pl", "en") for group in key_groups(word, language) for key in group}
