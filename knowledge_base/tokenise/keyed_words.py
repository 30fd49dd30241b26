"""Words of queries with what is known of each before anything is of the documents: keys and weight.

Words asked for before are kept; of a common Polish word neither dictionary nor spelling is looked at.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import chain, compress, islice
from typing import Final, NamedTuple

from knowledge_base.tokenise.common_words import KeyIds, common_keys, key_ids, rows_of
from knowledge_base.tokenise.commonness import COURTESY, weight_of
from knowledge_base.tokenise.fold import fold_all
from knowledge_base.tokenise.term_ids import term_ids
from knowledge_base.tokenise.words import is_plain, polish_keys, stems

# Words that are kept (about 0.5 kB each).
_KNOWN_WORDS: Final = 1 << 14


class KeyedWord(NamedTuple):
    """A lower-case word.

    Attributes:
        lemmas: ids of its Polish lemmas; none for a word with a digit.
        stems: ids of its Polish and its English stem, one where they are the same; none for a stop word.
        weight: what it says about the subject of a query, > 0; 0 for a stop word.
        is_courtesy: whether it only says whom a letter speaks to.
    """

    lemmas: KeyIds
    stems: KeyIds
    weight: float
    is_courtesy: bool

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
    folded = fold_all(words)
    plain = [is_plain(word, bare) for word, bare in zip(words, folded, strict=True)]
    if all(plain):
        return _of_letters(words, folded)
    of_letters = iter(_of_letters([*compress(words, plain)], [*compress(folded, plain)]))
    return [
        next(of_letters) if letters else _of_another(word, bare)
        for word, bare, letters in zip(words, folded, plain, strict=True)
    ]


def _of_letters(words: Sequence[str], folded: Sequence[str]) -> list[KeyedWord]:
    """Words of letters that are no stop words: common ones, and others by dictionary and stemmers."""
    if not words:
        return []
    common, rows = common_keys(), rows_of(words)
    rare = [row < 0 for row in rows]
    computed = polish_keys([*compress(words, rare)], [*compress(folded, rare)]) if any(rare) else []
    ids = iter(term_ids([*chain.from_iterable(computed), *stems("english", folded)]).tolist())
    of_rare = iter([tuple(islice(ids, len(keys))) for keys in computed])
    polish = [next(of_rare) if row < 0 else tuple(common.row(row)) for row in rows]
    return [*map(_keyed, words, folded, polish, ids)]


def _of_another(word: str, folded: str) -> KeyedWord:
    """A stop word, or one with a digit or a mark."""
    (polish,), (english,) = (key_ids([word], language) for language in ("pl", "en"))
    return _keyed(word, folded, polish, english[-1]) if polish else KeyedWord((), (), 0.0, False)


def _keyed(word: str, folded: str, polish: KeyIds, other: int) -> KeyedWord:
    stem, courtesy = polish[-1], folded in COURTESY
    stems = (stem,) if stem == other else (stem, other)
    return KeyedWord(polish[:-1], stems, weight_of(word, stems, courtesy), courtesy)
