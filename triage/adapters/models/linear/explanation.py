"""Which words spoke for a category: the share of each word in the margin, exact because the head is linear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.features import FeatureExtractor, Features
from triage.adapters.models.linear.ngrams import WORD
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
        calibration = parameters.calibration
        log_odds = np.float32(calibration.slope / (2 * calibration.temperature))
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
        matrix = features.ngrams
        by_ngram = np.zeros(matrix.shape[1], dtype=np.float32)
        found = []
        for row, text in enumerate(texts):
            columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
            values = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
            by_ngram[columns] = values * self._weights[columns, predicted[row]]
            found.append(_strongest(text, self._by_word(features.prepared[row], by_ngram)))
            by_ngram[columns] = 0
        return found

    def _by_word(self, prepared: str, by_ngram: NDArray[np.float32]) -> NDArray[np.float64]:
        """Contribution of each word between white space: float64, shape (n_words,)."""
        pieces = self._chars.columns_by_word(prepared)
        shares = np.zeros(len(pieces))
        if not pieces:
            return shares
        columns = np.concatenate(pieces)
        shares += np.add.reduceat(_per_place(by_ngram[len(self._words.vocabulary) :], columns), _starts(pieces))
        tokens = [WORD.findall(word) for word in prepared.split()]
        owners = np.repeat(np.arange(len(tokens)), [len(token) for token in tokens])
        places = _per_place(by_ngram[: len(self._words.vocabulary)], self._words.columns(prepared))
        # Single words come first, then the pairs, each of which has a left and a right owner.
        singles, pairs = places[: len(owners)], places[len(owners) :] / 2
        np.add.at(shares, owners, singles)
        np.add.at(shares, owners[:-1], pairs)
        np.add.at(shares, owners[1:], pairs)
        return shares


def _per_place(by_ngram: NDArray[np.float32], columns: NDArray[np.int32]) -> NDArray[np.float64]:
    """Contribution of each place where an n-gram stands; none for an unknown one."""
    known = columns >= 0
    places = np.zeros(len(columns))
    seen = columns[known]
    if len(seen):
        places[known] = by_ngram[seen] / np.bincount(seen)[seen]
    return places


def _starts(pieces: Sequence[NDArray[np.int32]]) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum([len(piece) for piece in pieces[:-1]], dtype=np.intp)]).astype(np.intp)


def _strongest(text: str, shares: NDArray[np.float64]) -> tuple[Evidence, ...]:
    """The strongest words as written; a word that stands twice counts in sum."""
    totals: dict[str, float] = {}
    for word, share in zip(text.split(), shares.tolist(), strict=True):
        bare = word.strip(_PUNCTUATION)
        if bare:
            totals[bare.lower()] = totals.get(bare.lower(), 0.0) + share
    strongest = sorted(totals.items(), key=lambda item: -item[1])[:SHOWN]
    return tuple(Evidence(word, round(weight, 3)) for word, weight in strongest if weight > 0)
