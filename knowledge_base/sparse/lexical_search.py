"""What the lexical index says about one query."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import FloatArray
from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.sparse.known_words import WordColumns
from knowledge_base.sparse.postings import PACKED, held_by, unpacked


class LexicalScores(NamedTuple):
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


class LexicalSearch(NamedTuple):
    """What an index says about one query.

    Attributes:
        scores: of every passage.
        words: where the index has the query's words.
        key_index: the index over keys of words.
        gram_index: the index over their 4-grams.
    """

    scores: LexicalScores
    words: Sequence[WordColumns]
    key_index: Bm25Index
    gram_index: Bm25Index

    def coverage(self, ids: NDArray[np.int64]) -> FloatArray:
        """Share of the query's words that some passages hold, the rarer a word the heavier.

        A word that means nearly the same, or translates it, is as good. One that a passage lacks altogether counts with
        the share of its 4-grams there: inflected, compound or mistyped.

        Args:
            ids: different passage numbers, shape (n,).

        Returns:
            float32 of shape (n,), in [0, 1]; 0 for a query without words.
        """
        whole = sum([word.rarity for word in self.words])
        if not whole:
            return np.zeros(len(ids), np.float32)
        covered = self._covered_compiled(ids) if kernels.COMPILED else self._covered(ids)
        return covered / np.float32(whole)

    def _covered_compiled(self, ids: NDArray[np.int64]) -> FloatArray:
        """Sum of the rarities of the words that each passage holds: float32 of shape (n,)."""
        keys, grams = [word.keys for word in self.words], [word.grams for word in self.words]
        sizes = np.array([len(columns) for of_word in zip(keys, grams, strict=True) for columns in of_word], np.int64)
        weights = [(word.rarity, 1 / max(word.n_grams, 1)) for word in self.words]
        covered = np.zeros((2, len(ids)), np.float32)
        kernels.cover(
            *self.key_index.arrays,
            *self.gram_index.arrays,
            b"".join(keys),
            b"".join(grams),
            sizes // PACKED,
            np.array(weights, np.float32),
            ids,
            np.empty(len(self.scores.words), np.int32),
            covered,
        )
        of_words: FloatArray = covered[0]
        return of_words

    def _covered(self, ids: NDArray[np.int64]) -> FloatArray:
        """The same by numpy."""
        of_grams, of_keys = (
            [*map(unpacked, each)] for each in zip(*[(w.grams, w.keys) for w in self.words], strict=True)
        )
        grams = dict(zip(dict.fromkeys(np.concatenate(of_grams).tolist()), count(), strict=False))
        keys = dict(zip(dict.fromkeys(np.concatenate(of_keys).tolist()), count(len(grams)), strict=False))
        postings = (self.gram_index.postings([*grams]), self.key_index.postings([*keys]))
        held = held_by(postings, ids, len(self.scores.words))
        met = np.minimum(self._worth(grams, keys) @ held, 1)  # (n_words, n)
        rarities = np.array([[word.rarity] for word in self.words], np.float32)
        # summed in order: the same whatever the number of passages
        covered: FloatArray = (rarities * met).cumsum(axis=0)[-1]
        return covered

    def _worth(self, grams: dict[int, int], keys: dict[int, int]) -> FloatArray:
        """What is met of a word by a text that holds a term: all by a key, its share by a 4-gram.

        float32 of shape (n_words, n_terms): 4-grams, then keys, at the places that each is given.
        """
        worth = np.zeros((len(self.words), len(grams) + len(keys)), np.float32)
        for row, word in zip(worth, self.words, strict=True):
            row[[grams[gram] for gram in unpacked(word.grams).tolist()]] = 1 / max(word.n_grams, 1)
            row[[keys[key] for key in unpacked(word.keys).tolist()]] = 1
        return worth
