"""What words of queries are looked up by in any index: ids of their keys, their neighbours' and their 4-grams.

All as bytes: those of all words of a query are joined at once, and compiled functions look them up.
"""

from __future__ import annotations

import functools
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.tokenise import GRAM, KeyedWord, keyed_words, related_to, term_ids, word_grams
from knowledge_base.tokenise.term_ids import FACTOR, flat_points

#: Ids of terms, uint64 behind one another.
PackedIds = bytes
# Words that are kept (about 0.5 kB each).
_KNOWN_WORDS: Final = 1 << 14
_ID: Final = "Q"


class TermGroup(NamedTuple):
    """Terms of a word of which the best counts.

    Attributes:
        own: its own.
        related: of words that mean nearly the same.
    """

    own: PackedIds
    related: PackedIds


class QueryTerms(NamedTuple):
    """A lower-case word of a query.

    Attributes:
        terms: ids of its lemmas, of its neighbours' lemmas, of its stems in both languages, of its neighbours' stems.
            Lemmas and stems are a group each, of which the best term counts.
        sizes: how many each of the four are, int64 behind one another.
        grams: ids of its different 4-grams.
        is_courtesy: whether it only says whom a letter speaks to.
    """

    terms: PackedIds
    sizes: bytes
    grams: PackedIds
    is_courtesy: bool = False

    @classmethod
    def of(cls, lemmas: Related, stems: Related, grams: PackedIds, *, is_courtesy: bool = False) -> QueryTerms:
        """Terms of a word by the ids of its lemmas, of its stems, and of their neighbours'."""
        parts = (*lemmas, *stems)
        return cls(
            packed([key for part in parts for key in part]), array("q", map(len, parts)).tobytes(), grams, is_courtesy
        )

    @property
    def groups(self) -> tuple[TermGroup, ...]:
        """Its lemmas, and its stems, with their neighbours'; without those that it has none of."""
        ids, sizes = unpacked(self.terms), np.frombuffer(self.sizes, np.int64).tolist()
        runs = [ids[begin:end].tobytes() for begin, end in pairwise([0, *accumulate(sizes)])]
        return tuple([group for group in (TermGroup(*runs[:2]), TermGroup(*runs[2:])) if any(group)])

    @property
    def own(self) -> NDArray[np.uint64]:
        """Ids of its own keys, uint64 of shape (n_keys,)."""
        return unpacked(b"".join([group.own for group in self.groups]))


#: Ids of own terms, and of those of neighbours.
Related = tuple[Sequence[int], Sequence[int]]


def packed(ids: Iterable[int]) -> PackedIds:
    """Ids behind one another."""
    return array(_ID, ids).tobytes()


def unpacked(ids: PackedIds) -> NDArray[np.uint64]:
    """The ids: uint64 of shape (n_ids,)."""
    return np.frombuffer(ids, np.uint64)


def query_terms(words: Sequence[str]) -> list[QueryTerms]:
    """Terms of lower-case words; none of a stop word. Words asked for before are kept."""
    known = _known()
    if new := [word for word in dict.fromkeys(words) if word not in known]:
        if len(known) > _KNOWN_WORDS:
            _known.cache_clear()
            known, new = _known(), [*dict.fromkeys(words)]
        known.update(zip(new, map(_terms_of, new, keyed_words(new), gram_ids(new)), strict=True))
    return [known[word] for word in words]


@functools.lru_cache(maxsize=1)
def _known() -> dict[str, QueryTerms]:
    return {}


_NONE: Final = ((), ())


def _terms_of(word: str, keyed: KeyedWord, grams: PackedIds) -> QueryTerms:
    if not keyed.stems:
        return QueryTerms.of(_NONE, _NONE, b"")
    related = related_to(word, keyed)
    # what a word without lemmas shares with others it shares by its stems
    lemmas = (keyed.lemmas, related.lemmas) if keyed.lemmas else _NONE
    return QueryTerms.of(lemmas, (keyed.stems, related.stems), grams, is_courtesy=keyed.is_courtesy)


def gram_ids(words: Sequence[str]) -> list[PackedIds]:
    """Ids of the different 4-grams of lower-case words that are no stop words."""
    if not kernels.COMPILED:
        return [*map(_gram_ids, words)]
    points, lengths = flat_points(words)
    ids, counts = np.empty(len(points) // 4, np.uint64), np.empty(len(words), np.int64)
    kernels.hash_grams(points, lengths, ids, counts, FACTOR, GRAM)
    of_all, first, found = ids.tobytes(), 0, []
    for word, count in zip(words, counts.tolist(), strict=True):
        last = first + max(count, 0) * ids.itemsize
        # letters that are folded otherwise have not been looked at
        found.append(_gram_ids(word) if count < 0 else of_all[first:last])
        first = last
    return found


def _gram_ids(word: str) -> PackedIds:
    return term_ids(word_grams(word)).tobytes()
