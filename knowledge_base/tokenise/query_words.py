"""Words of queries with all that is known of each before anything is of the documents.

Ids of keys, of neighbours' keys and of 4-grams are bytes: those of all words of a query are joined at once, and
compiled functions look them up in the index. Words asked for before are kept; of common Polish words a compiled
function finds all in tables, so that neither dictionary nor stemmer nor spelling is looked at.
"""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.tokenise.common_words import common_keys, english_stems
from knowledge_base.tokenise.commonness import COURTESY, WEIGHTS, levels
from knowledge_base.tokenise.fold import fold_all
from knowledge_base.tokenise.keyed_words import KeyedWord, keyed_words
from knowledge_base.tokenise.runs import INVERSE
from knowledge_base.tokenise.term_ids import FACTOR, flat_points, term_ids
from knowledge_base.tokenise.thesaurus import neighbour_tables, related_to
from knowledge_base.tokenise.words import GRAM, is_plain, polish_keys, stems, word_grams

#: Ids of terms, uint64 behind one another.
PackedIds = bytes
# Words that are kept (about 0.5 kB each).
_KNOWN_WORDS: Final = 1 << 14


class TermGroup(NamedTuple):
    """Terms of a word of which the best counts.

    Attributes:
        own: its own.
        related: of words that mean nearly the same.
    """

    own: PackedIds
    related: PackedIds


class QueryWord(NamedTuple):
    """A lower-case word of a query.

    Attributes:
        terms: ids of its lemmas, of its neighbours' lemmas, of its stems in both languages, of its neighbours' stems.
            Lemmas and stems are a group each, of which the best term counts.
        sizes: how many each of the four are, int64 behind one another.
        grams: ids of its different 4-grams.
        weight: what it says about the subject of a query, > 0; 0 for a stop word.
        is_courtesy: whether it only says whom a letter speaks to.
    """

    terms: PackedIds
    sizes: bytes
    grams: PackedIds
    weight: float
    is_courtesy: bool

    @classmethod
    def of(
        cls, lemmas: Related, stems: Related, grams: PackedIds = b"", weight: float = 1, courtesy: bool = False
    ) -> Self:
        """Of the ids of its lemmas, of its stems, and of their neighbours'."""
        runs = (*lemmas, *stems)
        sizes = array("q", map(len, runs)).tobytes()
        return cls(array("Q", [key for run in runs for key in run]).tobytes(), sizes, grams, weight, courtesy)

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


def unpacked(ids: PackedIds) -> NDArray[np.uint64]:
    """The ids: uint64 of shape (n_ids,)."""
    return np.frombuffer(ids, np.uint64)


def query_words(words: Sequence[str]) -> list[QueryWord]:
    """What is known of lower-case words."""
    known = _known()
    if new := [word for word in dict.fromkeys(words) if word not in known]:
        if len(known) > _KNOWN_WORDS:
            _known.cache_clear()
            known, new = _known(), [*dict.fromkeys(words)]
        known.update(zip(new, _read(new), strict=True))
    return [known[word] for word in words]


@functools.lru_cache(maxsize=1)
def _known() -> dict[str, QueryWord]:
    return {}


def _read(words: list[str]) -> list[QueryWord]:
    if not kernels.COMPILED:
        return _read_alone(words)
    return _filled(words, _looked_up(words, None), _read_rare)


def _read_rare(words: list[str]) -> list[QueryWord]:
    """Words that are not common: keys of those of letters as dictionary and stemmers tell them."""
    folded = fold_all(words)
    if not all(map(is_plain, words, folded)):
        return _read_alone(words)
    told = [*zip(polish_keys(words, folded), stems("english", folded), strict=True)]
    return _filled(words, _looked_up(words, told), _read_alone)


_Found = list[tuple[()] | tuple[PackedIds, bytes, PackedIds, int, bool] | None]


def _looked_up(words: list[str], told: list[tuple[list[str], str]] | None) -> _Found:
    """Terms, sizes, 4-grams, level, courtesy of words that are common or told; none of a stop word; None of others."""
    return kernels.key_words(words, told, *_tables(), INVERSE, FACTOR, GRAM)


def _filled(words: list[str], found: _Found, read: Callable[[list[str]], list[QueryWord]]) -> list[QueryWord]:
    """What was found, and the others as they are read then."""
    missing = [word for word, of_word in zip(words, found, strict=True) if of_word is None]
    others = iter(read(missing) if missing else ())
    return [next(others) if of_word is None else _known_word(*of_word) if of_word else _STOP for of_word in found]


def _known_word(terms: PackedIds, sizes: bytes, grams: PackedIds, level: int, courtesy: bool) -> QueryWord:
    return QueryWord(terms, sizes, grams, WEIGHTS[-1] if courtesy else WEIGHTS[level], courtesy)


class _Tables(NamedTuple):
    """Of common words, of how common stems are, and of neighbours."""

    hashes: NDArray[np.uint64]
    firsts: NDArray[np.int64]
    counts: NDArray[np.int64]
    keys: NDArray[np.uint64]
    english: NDArray[np.uint64]
    stems: NDArray[np.uint64]
    levels: NDArray[np.uint8]
    courtesies: NDArray[np.uint64]
    near: NDArray[np.uint64]
    runs: NDArray[np.int64]
    related: NDArray[np.uint64]


@functools.lru_cache(maxsize=1)
def _tables() -> _Tables:
    common, courtesies = common_keys(), np.sort(term_ids([*COURTESY]))
    (of_stems, levelled), (near, runs, related) = levels(), neighbour_tables()
    words = (common.hashes, common.firsts, common.counts, common.values, english_stems())
    return _Tables(*words, of_stems, levelled, courtesies, near, runs, related)


def _read_alone(words: Sequence[str]) -> list[QueryWord]:
    """The same for any words, one by one."""
    return [*map(_of_keyed, words, keyed_words(words), gram_ids(words))]


_NONE: Final[Related] = ((), ())
_STOP: Final = QueryWord.of(_NONE, _NONE, weight=0)


def _of_keyed(word: str, keyed: KeyedWord, grams: PackedIds) -> QueryWord:
    if not keyed.stems:
        return _STOP
    related = related_to(word, keyed)
    # what a word without lemmas shares with others it shares by its stems
    lemmas = (keyed.lemmas, related.lemmas) if keyed.lemmas else _NONE
    return QueryWord.of(lemmas, (keyed.stems, related.stems), grams, keyed.weight, keyed.is_courtesy)


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
