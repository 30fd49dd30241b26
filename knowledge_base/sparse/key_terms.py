"""Ids of the search keys of words, found by the words' hashes: dictionary and stemmer are asked once for each word.

Those of the commonest Polish words come from a file (``tokenise.common_words``).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np

from knowledge_base.sparse.terms import Vocabulary
from knowledge_base.tokenise import NO_KEYS, HashedRows, Ragged, all_key_groups, common_keys, term_ids

_CACHED_WORDS: Final = 1 << 17


def key_terms(vocabularies: Sequence[Vocabulary]) -> Ragged[np.uint64]:
    """Ids of the keys of the words of some vocabularies in order; none for a stop word."""
    of_each = [_known_keys(vocabulary.language == "pl").of(vocabulary) for vocabulary in vocabularies]
    return Ragged.join([NO_KEYS.take(np.zeros(0, np.intp)), *of_each])


class KnownKeys:
    """Ids of the keys of the words of one language that were asked for.

    Args:
        common: those of the commonest words, by the words' hashes.
    """

    def __init__(self, common: HashedRows[np.uint64]) -> None:
        self._common = self._known = common

    def of(self, vocabulary: Vocabulary) -> Ragged[np.uint64]:
        """Those of each word, in no order."""
        known = self._known
        new = (known.places(vocabulary.hashes) < 0).nonzero()[0]
        if len(new):
            keys = keys_of([vocabulary.words[number] for number in new.tolist()], vocabulary.language)
            known = known.joined(HashedRows.of(vocabulary.hashes[new], keys))
        # Of more than may be remembered none is.
        self._known = known if len(known) - len(self._common) <= _CACHED_WORDS else self._common
        return known.take(known.places(vocabulary.hashes))


def keys_of(words: Sequence[str], language: str) -> Ragged[np.uint64]:
    """Ids of the keys of words as dictionary and stemmer have them; one that two groups share comes twice."""
    of_words = all_key_groups(words, language)
    counts = [sum(map(len, groups)) for groups in of_words]
    keys = [*chain.from_iterable(chain.from_iterable(of_words))]
    return Ragged(term_ids(keys), np.array(counts, np.intp))


@functools.lru_cache(maxsize=2)
def _known_keys(polish: bool) -> KnownKeys:
    return KnownKeys(common_keys() if polish else NO_KEYS)
