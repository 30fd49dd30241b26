"""The lexical index: BM25 over word keys and codes beside BM25 over character 4-grams."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from knowledge_base.sparse.bm25 import Bm25Index, TermGroup
from knowledge_base.sparse.terms import Pieces, count_terms, tokenise_pieces
from knowledge_base.tokenise import is_stop_word, key_groups, related_keys, split_words, word_grams, word_keys

# Chosen on PoQuAD, SciFact (train) and a phone manual together; b is below the usual 0.75, as passages are cut
# to one size.
K1: Final = 0.8
B: Final = 0.5
_LANGUAGES: Final = ("pl", "en")
# Shorter words become others too easily.
_LEAST_LETTERS: Final = 5
_CACHED_WORDS: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """What the words and 4-grams of one query say about every passage.

    Attributes:
        words: BM25 over word keys, float32 of shape (n_passages,).
        related: the same with words that mean nearly the same, never less.
        grams: BM25 over 4-grams, float32 of shape (n_passages,).
        words_possible: what a passage with all the words would score, > 0 unless the query has no words.
        related_possible: the same with words that mean nearly the same.
        grams_possible: the same for 4-grams.
    """

    words: FloatArray
    related: FloatArray
    grams: FloatArray
    words_possible: float
    related_possible: float
    grams_possible: float


class LexicalIndex:
    """Finds passages by their words."""

    def __init__(self, words: Bm25Index, grams: Bm25Index) -> None:
        self._words = words
        self._grams = grams

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str]) -> Self:
        """Index texts, each by the rules of its language."""
        return cls.of_pieces([((text, language),) for text, language in zip(texts, languages, strict=True)])

    @classmethod
    def of_pieces(cls, texts: Sequence[Pieces]) -> Self:
        """Index texts of (text, language) pieces, each piece by the rules of its language."""
        tokenised = tokenise_pieces(texts)
        words = Bm25Index.build(count_terms(tokenised, word_keys), k1=K1, b=B)
        grams = Bm25Index.build(count_terms(tokenised, lambda word, _language: word_grams(word)), k1=K1, b=B)
        return cls(words, grams)

    def save(self, folder: Path) -> None:
        """Write both indexes below a folder."""
        for name, index in (("words", self._words), ("grams", self._grams)):
            (folder / name).mkdir(parents=True, exist_ok=True)
            index.save(folder / name)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what ``save`` wrote."""
        return cls(Bm25Index.open(folder / "words"), Bm25Index.open(folder / "grams"))

    def scores(self, query: str) -> LexicalScores:
        """Score every passage for a query.

        The query's words are keyed by the rules of both languages: „reset AquaSpin nie działa” is neither alone.
        """
        words = [*dict.fromkeys(split_words(query))]
        grams = dict.fromkeys(gram for word in words for gram in word_grams(word))
        by_words = self._words.scores([group for word in words for group in _groups_of(word)])
        by_grams = self._grams.sums([*grams])
        return LexicalScores(
            by_words.own,
            by_words.related,
            by_grams.own,
            by_words.own_possible,
            by_words.related_possible,
            by_grams.own_possible,
        )

    def coverage(self, query: str, ids: NDArray[np.int64]) -> FloatArray:
        """Share of the query's words that some passages hold, the rarer a word the heavier.

        A word that a passage lacks counts with the share of its 4-grams there: inflected, compound or mistyped.

        Returns:
            float32 of shape (len(ids),), in [0, 1]; 0 for a query without words.
        """
        words = [word for word in dict.fromkeys(split_words(query)) if not is_stop_word(word)]
        keys = self._words.known([tuple({*word_keys(word, "pl"), *word_keys(word, "en")}) for word in words])
        grams = [word_grams(word) for word in words]
        known_grams = self._grams.known(grams)
        sizes = np.array([max(len(of_word), 1) for of_word in grams], np.float32)
        met = _shares(self._grams.holds([*chain.from_iterable(known_grams)], ids), known_grams, sizes)
        met[_shares(self._words.holds([*chain.from_iterable(keys)], ids), keys, np.ones_like(sizes)) > 0] = 1
        rarities = [self._words.rarity(columns) for columns in keys]
        whole = sum(rarities)
        if not whole:
            return np.zeros(len(ids), np.float32)
        # summed in order: the same whatever the number of passages
        held: FloatArray = np.cumsum(np.array(rarities, np.float32)[:, None] * met, axis=0)[-1]
        return held / np.float32(whole)

    def mended(self, query: str) -> str:
        """A query with two neighbouring letters swapped back in words that no passage has, where one then is known.

        Swapped letters („zwort”) leave few 4-grams in common; a letter too many or too few leaves enough.
        """
        for word in dict.fromkeys(split_words(query)):
            if len(word) < _LEAST_LETTERS or not word.isalpha() or is_stop_word(word) or self._columns_of(word):
                continue
            known = [swapped for swapped in _swapped(word) if self._words.known([_spelt(swapped)])[0]]
            if known:
                commonest = min(known, key=lambda each: self._words.rarity(self._columns_of(each)))
                query = re.sub(rf"\b{re.escape(word)}\b", commonest, query, flags=re.IGNORECASE)
        return query

    def _columns_of(self, word: str) -> list[int]:
        return self._words.known([tuple({*word_keys(word, "pl"), *word_keys(word, "en")})])[0]

    def release(self) -> None:
        """Give the memory back into which postings were read."""
        self._words.release()
        self._grams.release()


def _shares(held: NDArray[np.bool_], columns: Sequence[Sequence[int]], sizes: FloatArray) -> FloatArray:
    """How many of each word's columns some passages hold, divided by its size.

    Args:
        held: of all words' columns behind one another, shape (n_columns, n_ids).
        columns: those of each word; some words have none.
        sizes: float32 of shape (n_words,), > 0.

    Returns:
        float32 of shape (n_words, n_ids).
    """
    counts = np.fromiter(map(len, columns), np.int64, len(columns))
    firsts = np.cumsum(counts) - counts
    shares = np.zeros((len(columns), held.shape[1]), np.float32)
    for place in range(int(counts.max(initial=0))):  # all words' first columns, then all second ones …
        longer = np.flatnonzero(counts > place)
        shares[longer] += held[firsts[longer] + place] / sizes[longer, None]
    return shares


def _swapped(word: str) -> list[str]:
    """A word with each two neighbouring letters swapped; the first, which few mistype, stays."""
    return [f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(1, len(word) - 1)]


def _spelt(word: str) -> tuple[str, ...]:
    """Keys that nearly spell a word: stems that leave more off are shared by words that do not exist."""
    lemmas = (key for key in word_keys(word, "pl") if key.startswith("="))
    return (*lemmas, *(stem for stem in word_keys(word, "en") if len(stem) >= len(word) - 1))


@lru_cache(maxsize=_CACHED_WORDS)
def _groups_of(word: str) -> tuple[TermGroup, ...]:
    """Lemmas of a word as one group, its stems in both languages as another; beside each what its neighbours share."""
    groups = [key_groups(word, language) for language in _LANGUAGES]
    stems = tuple(dict.fromkeys(group[-1][0] for group in groups if group))
    if not stems:
        return ()
    related = related_keys(word)
    return (*(TermGroup(lemmas, related.lemmas) for lemmas in groups[0][:-1]), TermGroup(stems, related.stems))
