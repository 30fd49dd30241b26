"""Sentences as bags of sub-words, cut in batches, with words swapped and dropped on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.encoder_tokenizer import WORD

LONGEST_SENTENCE = 100  # words


class Ragged:
    """Rows of integers of different length, flat.

    Attributes:
        flat: all values, int64.
        offsets: row i is ``flat[offsets[i]:offsets[i + 1]]``.
    """

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self.offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        self.flat = np.fromiter((value for row in rows for value in row), dtype=np.int64, count=self.offsets[-1])

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Values of the rows one after another, and their offsets (one more than rows)."""
        starts, lengths = self.offsets[rows], self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths) + np.repeat(starts, lengths)
        return self.flat[places], offsets

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each row."""
        return np.diff(self.offsets)


class WordBags:
    """Sentences of one language.

    Args:
        sentences: the texts.
        tokenizer: splits a word into sub-words.
        forms: other forms a word may be swapped for.
    """

    def __init__(self, sentences: Sequence[str], tokenizer: Tokenizer, forms: Mapping[str, Sequence[str]]) -> None:
        numbers: dict[str, int] = {}
        self._sentences = Ragged(
            [
                [numbers.setdefault(word, len(numbers)) for word in WORD.findall(sentence.lower())[:LONGEST_SENTENCE]]
                for sentence in sentences
            ]
        )
        self._forms = Ragged(
            [[numbers.setdefault(form, len(numbers)) for form in forms.get(word, ())] for word in list(numbers)]
        )
        encodings = tokenizer.encode_batch_fast(list(numbers), add_special_tokens=False)
        self._words = Ragged([encoding.ids for encoding in encodings])

    def batch(
        self, rows: NDArray[np.int64], rng: np.random.Generator, swap: float = 0.0, drop: float = 0.0
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sub-words of the sentences, flat, and where each sentence starts.

        Args:
            rows: numbers of the sentences.
            rng: what decides.
            swap: share of words replaced by another form, among those that have one.
            drop: share of words left out.
        """
        words, starts = self._sentences.take(rows)
        if swap:
            words = self._swapped(words, rng, swap)
        if drop:
            kept = rng.random(len(words)) >= drop
            starts = np.concatenate([[0], np.cumsum(kept)])[starts]
            words = words[kept]
        tokens, token_offsets = self._words.take(words)
        return tokens, token_offsets[starts[:-1]]

    def _swapped(self, words: NDArray[np.int64], rng: np.random.Generator, swap: float) -> NDArray[np.int64]:
        choices = self._forms.lengths[words]
        swapped = np.flatnonzero((rng.random(len(words)) < swap) & (choices > 0))
        chosen = (rng.random(len(swapped)) * choices[swapped]).astype(np.int64)
        words[swapped] = self._forms.flat[self._forms.offsets[words[swapped]] + chosen]
        return words
