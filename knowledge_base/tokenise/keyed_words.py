"""Words of queries with what is known of each before anything is of the documents: keys and weight.

Words asked for before are kept; of a common Polish word neither dictionary nor spelling is looked at.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from knowledge_base.tokenise.common_words import KeyIds, key_ids
from knowledge_base.tokenise.commonness import weight_of

# Words that are kept (about 0.5 kB each).
_KNOWN_WORDS: Final = 1 << 14


class KeyedWord(NamedTuple):
    """A lower-case word.

    Attributes:
        lemmas: ids of its Polish lemmas; none for a word with a digit.
        stems: ids of its Polish and its English stem, one where they are the same; none for a stop word.
        weight: what it says about the subject of a query, > 0; 0 for a stop word.
    """

    lemmas: KeyIds
    stems: KeyIds
    weight: float

    @property
    def keys(self) -> frozenset[int]:
        """Ids of all its keys."""
        return frozenset(self.lemmas + self.stems)


def keyed_words(words: Sequence[str]) -> list[KeyedWord]:
    """What is known of lower-case words."""
    known = _known()
    if new := [word for word in dict.fromkeys(words) if word not in known]:
        if len(known) > _KNOWN_WORDS:
            _known.cache_clear()
            known, new = _known(), [*dict.fromkeys(words)]
        known.update(zip(new, _computed(new), strict=True))
    return [known[word] for word in words]


@functools.lru_cache(maxsize=1)
def _known() -> dict[str, KeyedWord]:
    return {}


def _computed(words: Sequence[str]) -> list[KeyedWord]:
    of_languages = (key_ids(words, language) for language in ("pl", "en"))
    return [*map(_keyed, words, *of_languages)]


def _keyed(word: str, polish: KeyIds, english: KeyIds) -> KeyedWord:
    if not polish:
        return KeyedWord((), (), 0.0)
    stem, other = polish[-1], english[-1]
    stems = (stem,) if stem == other else (stem, other)
    return KeyedWord(polish[:-1], stems, weight_of(word, stems))
