"""What the lexical index says about one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import FloatArray
from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.sparse.postings import held_by
from knowledge_base.tokenise import QueryWord, unpacked


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
        words: what the query's words are looked up by.
        key_index: the index over keys of words.
        gram_index: the index over their 4-grams.
    """

    scores: LexicalScores
    words: Sequence[QueryWord]
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
        if not self.words:
            return np.zeros(len(ids), np.float32)
        covered, whole = self._covered_compiled(ids) if kernels.COMPILED else self._covered(ids)
        return covered / np.float32(whole) if whole else covered

    def _covered_compiled(self, ids: NDArray[np.int64]) -> tuple[FloatArray, float]:
        """Sum of the rarities of the words that each passage holds, float32 of shape (n,), and of all words."""
        words, covered = self.words, np.zeros(len(ids), np.float32)
        terms, sizes, grams, _, courtesies = zip(*words, strict=True)
        whole = kernels.cover(
            *self.key_index.arrays,
            *self.gram_index.arrays,
            b"".join(terms),
            b"".join(sizes),
            b"".join(grams),
            np.array([*map(len, grams)], np.int64) // np.dtype(np.uint64).itemsize,
            bytes(courtesies),
            ids,
            covered,
            len(self.scores.words),
            self.key_index.unseen,
        )
        return covered, whole

    def _covered(self, ids: NDArray[np.int64]) -> tuple[FloatArray, float]:
        """The same by numpy."""
        keys = [self.key_index.held(unpacked(word.terms)) for word in self.words]
        grams = [self.gram_index.held(unpacked(word.grams)) for word in self.words]
        rows = {column: row for row, column in enumerate(dict.fromkeys(np.concatenate(grams).tolist()))}
        key_rows = {column: row for row, column in enumerate(dict.fromkeys(np.concatenate(keys).tolist()), len(rows))}
        postings = (self.gram_index.postings([*rows]), self.key_index.postings([*key_rows]))
        worth = np.zeros((len(self.words), len(rows) + len(key_rows)), np.float32)
        for row, word, of_keys, of_grams in zip(worth, self.words, keys, grams, strict=True):
            # all of a word is met by a key, its share by a 4-gram
            row[[rows[gram] for gram in of_grams.tolist()]] = 1 / max(len(unpacked(word.grams)), 1)
            row[[key_rows[key] for key in of_keys.tolist()]] = 1
        met = np.minimum(worth @ held_by(postings, ids, len(self.scores.words)), 1)  # (n_words, n)
        rarities = np.array([[self._rarity(word)] for word in self.words], np.float32)
        # summed in order: the same whatever the number of passages
        covered: FloatArray = (rarities * met).cumsum(axis=0)[-1]
        return covered, float(rarities.sum(dtype=np.float64))

    def _rarity(self, word: QueryWord) -> float:
        """Idf of the rarest of a word's own keys; that of a term no text has where there are none; 0 of a courtesy."""
        return 0.0 if word.is_courtesy else self.key_index.rarity(self.key_index.held(word.own))
