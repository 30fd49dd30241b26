"""Which words spoke for a category: the share of each word in the margin, exact because the head is linear."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.features import FeatureExtractor, Features
from triage.adapters.models.linear.ngrams import REACH, WORD, NgramBlock, Rows, word_owners
from triage.adapters.models.linear.parameters import TrainedParameters
from triage.domain.classification import Evidence

SHOWN = 5
_PUNCTUATION = ".,;:!?()[]{}\"'„”«»*-–_/\\"


class Explainer:
    """Names the words that drove a prediction.

    An n-gram's contribution is divided over the places where it stands, a pair of words' between the two.
    What the embedding contributes belongs to no single word and is not shown.
    """

    def __init__(self, extractor: FeatureExtractor, parameters: TrainedParameters) -> None:
        self._words, self._chars = extractor.words, extractor.chars
        weights = parameters.head.ngram_weights
        # Against the mean of all categories: what speaks for every category alike explains nothing.
        # The slope of the calibrated log-probability at margin 0 turns margins into log-odds.
        log_odds = np.float32(parameters.calibration.log_odds_per_margin)
        self._weights = (weights - weights.mean(axis=1, keepdims=True)) * log_odds

    def explain(
        self, texts: Sequence[str], features: Features, predicted: NDArray[np.intp]
    ) -> list[tuple[Evidence, ...]]:
        """Words that spoke for the predicted category of each text, strongest first.

        Args:
            predicted: class number for each text, shape (n,).

        Returns:
            For each text up to ``SHOWN`` words as written, with their weight in log-odds, > 0.
        """
        return [_strongest(text, shares) for text, shares in zip(texts, self.by_word(features, predicted), strict=True)]

    def by_word(self, features: Features, predicted: NDArray[np.intp]) -> list[NDArray[np.float64]]:
        """Contribution of each word between white space to the log-odds of the predicted category, for each text."""
        if not features.prepared:
            return []
        cut = [_Cut(text, self._words, self._chars) for text in features.prepared]
        places = self._places(cut, features.ngrams, predicted)
        return [each.by_word(shares) for each, shares in zip(cut, places, strict=True)]

    def _places(self, cut: Sequence[_Cut], ngrams: Rows, predicted: NDArray[np.intp]) -> list[NDArray[np.float64]]:
        """Contribution of each place where an n-gram stands, none for an unknown one; for each text of the cut."""
        columns = np.concatenate([each.columns(len(self._words.vocabulary)) for each in cut])
        lengths = [each.n_places for each in cut]
        rows = np.repeat(np.arange(len(cut), dtype=np.int64), lengths)
        known = columns >= 0
        owners = np.repeat(np.arange(ngrams.shape[0], dtype=np.int64), np.diff(ngrams.indptr))
        keys = owners * ngrams.shape[1] + ngrams.indices  # in order: the columns of each row are sorted
        entry = np.searchsorted(keys, rows[known] * ngrams.shape[1] + columns[known])
        contribution = ngrams.data * self._weights[ngrams.indices, predicted[owners]]
        shares = np.zeros(len(columns))
        shares[known] = (contribution / np.maximum(np.bincount(entry, minlength=len(keys)), 1))[entry]
        return np.split(shares, np.cumsum(lengths)[:-1])


class _Cut:
    """One folded text, cut into n-grams: words and pairs of them first, then the characters of each word."""

    def __init__(self, prepared: str, words: NgramBlock, chars: NgramBlock) -> None:
        self._words, self._pieces = words.columns(prepared), chars.columns_by_word(prepared)
        tokens = list(map(_n_tokens, prepared.split()))
        owners = np.repeat(np.arange(len(tokens)), tokens)
        first, last = word_owners(REACH[words.kind], len(owners))
        self._first, self._last = owners[first], owners[last]
        self.n_places = len(self._words) + sum(map(len, self._pieces))

    def columns(self, n_words: int) -> NDArray[np.int64]:
        """Column of each place in the whole matrix; -1 for an unknown n-gram."""
        chars = np.concatenate([np.empty(0, dtype=np.int32), *self._pieces]).astype(np.int64)
        return np.concatenate([self._words.astype(np.int64), np.where(chars < 0, chars, chars + n_words)])

    def by_word(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Contribution of each word between white space: float64, shape (n_words,)."""
        n = len(self._pieces)
        halves = places[: len(self._words)] / 2  # both of a single word are its own
        chars = np.repeat(np.arange(n), [len(piece) for piece in self._pieces])
        owner = np.concatenate([self._first, self._last, chars])
        weights = np.concatenate([halves, halves, places[len(self._words) :]])
        return np.asarray(np.bincount(owner, weights=weights, minlength=n), dtype=np.float64)


@lru_cache(maxsize=65_536)
def _n_tokens(word: str) -> int:
    """How many words the classifier sees in one between white space."""
    return len(WORD.findall(word))


def _strongest(text: str, shares: NDArray[np.float64]) -> tuple[Evidence, ...]:
    """The strongest words as written; a word that stands twice counts in sum."""
    totals: dict[str, float] = {}
    for word, share in zip(text.split(), shares.tolist(), strict=True):
        bare = word.strip(_PUNCTUATION).lower()
        if bare:
            totals[bare] = totals.get(bare, 0.0) + share
    strongest = sorted(totals.items(), key=lambda item: -item[1])[:SHOWN]
    return tuple(Evidence(word, round(weight, 3)) for word, weight in strongest if weight > 0)
