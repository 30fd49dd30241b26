"""The lexical index: BM25 over word keys and codes beside BM25 over character 4-grams."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, count
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from knowledge_base.sparse.bm25 import Bm25Index, ColumnGroup, Postings, held_by
from knowledge_base.sparse.query_terms import TermGroup, every_term, terms_of
from knowledge_base.sparse.term_ids import term_ids
from knowledge_base.sparse.terms import Pieces, count_terms, gram_terms, key_terms, tokenise_pieces
from knowledge_base.tokenise import KeyGroups, all_key_groups, is_courtesy, is_stop_word, split_words, word_weights

# Chosen on PoQuAD, SciFact (train) and a phone manual together; b is below the usual 0.75, as passages are cut
# to one size.
K1: Final = 0.8
B: Final = 0.5
# Shorter words become others too easily.
_LEAST_LETTERS: Final = 5
# Words of queries whose columns are kept (about 1 kB each).
_KNOWN_WORDS: Final = 4096


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


@dataclass(frozen=True, slots=True)
class WordColumns:
    """Where an index has a word of a query.

    Attributes:
        groups: what the index has of the groups of its keys, and of those of words that mean nearly the same.
        rarity: idf of the rarest of its own keys; that of a term no text has where there are none; 0 for a courtesy
            form.
        grams: columns of those of its 4-grams that some text has.
        n_grams: how many different 4-grams it has.
    """

    groups: tuple[ColumnGroup, ...]
    rarity: float
    grams: tuple[int, ...]
    n_grams: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What an index has of words and of groups of terms that were asked for; words share groups."""

    words: dict[str, WordColumns]
    groups: dict[TermGroup, ColumnGroup]


class LexicalIndex:
    """Finds passages by their words."""

    def __init__(self, words: Bm25Index, grams: Bm25Index) -> None:
        self._words = words
        self._grams = grams
        self._known = _Known({}, {})

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str]) -> Self:
        """Index texts, each by the rules of its language."""
        return cls.of_pieces([((text, language),) for text, language in zip(texts, languages, strict=True)])

    @classmethod
    def of_pieces(cls, texts: Sequence[Pieces]) -> Self:
        """Index texts of (text, language) pieces, each piece by the rules of its language."""
        tokenised = tokenise_pieces(texts)
        words = Bm25Index.build(count_terms(tokenised, key_terms(tokenised.words)), k1=K1, b=B)
        grams = Bm25Index.build(count_terms(tokenised, gram_terms(tokenised.words)), k1=K1, b=B)
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

    def search(self, query: str) -> LexicalSearch:
        """Score every passage for a query.

        The query's words are keyed by the rules of both languages: „reset AquaSpin nie działa” is neither alone. Each
        weighs what ``word_weights`` says.
        """
        return self.search_words(word_weights(query))

    def search_words(self, weights: Mapping[str, float]) -> LexicalSearch:
        """The same for words that are no stop words and what each weighs."""
        words = self._words_of([*weights])
        groups: dict[ColumnGroup, float] = {}
        grams: dict[int, float] = {}
        for word, weight in zip(words, weights.values(), strict=True):
            for group in word.groups:
                groups[group] = max(weight, groups.get(group, 0.0))
            if grams.keys().isdisjoint(word.grams):
                grams.update(dict.fromkeys(word.grams, weight))
            else:
                grams.update([(gram, max(weight, grams.get(gram, 0.0))) for gram in word.grams])
        keys = self._words.postings_of([*groups])
        by_words = self._words.scores([*groups], [*groups.values()], keys)
        found = self._grams.postings([*grams])
        by_grams = self._grams.sums(found, [*grams.values()])
        scores = LexicalScores(
            by_words.own,
            by_words.related,
            by_grams.own,
            by_words.own_possible,
            by_words.related_possible,
            by_grams.own_possible,
        )
        return LexicalSearch(scores, words, keys, found)

    def scores(self, query: str) -> LexicalScores:
        """Scores of every passage for a query."""
        return self.search(query).scores

    def _words_of(self, words: Sequence[str]) -> list[WordColumns]:
        """Where this index has some words that are no stop words; words asked before are looked up once."""
        known = self._known
        if len(known.words) > _KNOWN_WORDS:
            known = self._known = _Known({}, {})
        if new := [word for word in words if word not in known.words]:
            self._learn(new, known)
        return [known.words[word] for word in words]

    def _learn(self, words: Sequence[str], known: _Known) -> None:
        """Look up words that were not asked for yet."""
        terms = terms_of(words)
        groups = [*dict.fromkeys(group for each in terms for group in each.groups if group not in known.groups)]
        keys = every_term(groups)
        ids = term_ids([*keys, *chain.from_iterable([each.grams for each in terms])])
        columns = self._words.columns(ids[: len(keys)])
        for group, found in zip(groups, self._words.groups(groups, columns), strict=True):
            known.groups.setdefault(group, found)  # another thread may have been faster: each is to be known as one
        grams, first = self._grams.columns(ids[len(keys) :]), 0
        for word, each in zip(words, terms, strict=True):
            of_word = tuple([known.groups[group] for group in each.groups])
            rarest = max([group.rarity for group in of_word], default=0.0) or self._words.unseen
            rarity = 0.0 if is_courtesy(word) else rarest
            last = first + len(each.grams)
            found_grams = tuple([column for column in grams[first:last] if column >= 0])
            known.words[word] = WordColumns(of_word, rarity, found_grams, len(each.grams))
            first = last

    def mended(self, query: str) -> str:
        """A query with two neighbouring letters swapped back in words that no passage has, where one then is known.

        Swapped letters („zwort”) leave few 4-grams in common; a letter too many or too few leaves enough.
        """
        for word in dict.fromkeys(split_words(query)):
            if len(word) < _LEAST_LETTERS or not word.isalpha() or is_stop_word(word) or self._own_columns(word):
                continue
            if known := self._spelt(_swapped(word)):
                commonest = min(known, key=lambda each: self._words.rarity(self._own_columns(each)))
                query = re.sub(rf"\b{re.escape(word)}\b", commonest, query, flags=re.IGNORECASE)
        return query

    def _spelt(self, words: Sequence[str]) -> list[str]:
        """Those of some words that some text nearly spells."""
        keys = [*map(_spelling_keys, words, *(all_key_groups(words, language) for language in ("pl", "en")))]
        columns = iter(self._words.columns(term_ids([*chain.from_iterable(keys)])))
        held = [max([next(columns) for _ in own], default=-1) >= 0 for own in keys]
        return [*compress(words, held)]

    def _own_columns(self, word: str) -> list[int]:
        """Columns of the own keys of a word."""
        return [column for group in self._words_of([word])[0].groups for column in group.own]

    def knows(self, word: str) -> bool:
        """Whether some text has a lower-case word in any form, or one that means nearly the same."""
        return any(columns.own or columns.related for columns in self._words_of([word])[0].groups)

    def release(self) -> None:
        """Give the memory back into which postings were read."""
        self._words.release()
        self._grams.release()


@dataclass(frozen=True, slots=True)
class LexicalSearch:
    """What an index says about one query.

    Attributes:
        scores: of every passage.
        words: where the index has the query's words.
        keys: postings of the different groups of keys of the words.
        grams: postings of the words' 4-grams, each once.
    """

    scores: LexicalScores
    words: Sequence[WordColumns]
    keys: Postings
    grams: Postings

    def coverage(self, ids: NDArray[np.int64]) -> FloatArray:
        """Share of the query's words that some passages hold, the rarer a word the heavier.

        A word that means nearly the same, or translates it, is as good. One that a passage lacks altogether counts with
        the share of its 4-grams there: inflected, compound or mistyped.

        Args:
            ids: different passage numbers, shape (n,).

        Returns:
            float32 of shape (n,), in [0, 1]; 0 for a query without words.
        """
        rarities = np.array([[word.rarity] for word in self.words], np.float32)
        whole = sum([word.rarity for word in self.words])
        if not whole:
            return np.zeros(len(ids), np.float32)
        held = held_by((self.grams, self.keys), ids, len(self.scores.words))
        met = np.minimum(self._worth() @ held, 1)  # (n_words, n)
        # summed in order: the same whatever the number of passages
        covered: FloatArray = (rarities * met).cumsum(axis=0)[-1]
        return covered / np.float32(whole)

    def _worth(self) -> FloatArray:
        """What is met of a word by a text that holds a term: all by a key, its share by a 4-gram.

        float32 of shape (n_words, n_terms): 4-grams, then keys, in the order of their postings.
        """
        grams, keys = self.grams.columns.tolist(), self.keys.columns.tolist()
        gram_at = dict(zip(grams, count(), strict=False))
        key_at = dict(zip(keys, count(len(grams)), strict=False))  # of one that is in several groups the last
        worth = []
        for word in self.words:
            of_word = [0.0] * (len(grams) + len(keys))
            for gram in word.grams:
                of_word[gram_at[gram]] = 1 / word.n_grams
            for group in word.groups:
                for key in group.own + group.related:
                    of_word[key_at[key]] = 1.0
            worth.append(of_word)
        return np.array(worth, np.float32)


def _swapped(word: str) -> list[str]:
    """A word with each two neighbouring letters swapped; the first, which few mistype, stays."""
    return [f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(1, len(word) - 1)]


def _spelling_keys(word: str, polish: KeyGroups, english: KeyGroups) -> list[str]:
    """Keys that nearly spell a word: stems that leave more off are shared by words that do not exist."""
    lemmas = [key for group in polish for key in group if key.startswith("=")]
    return lemmas + [stem for group in english for stem in group if len(stem) >= len(word) - 1]
