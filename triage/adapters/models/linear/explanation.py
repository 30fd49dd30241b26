"""Which words spoke for a category: the exact share of each word in the logit, as the head is linear."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.features import FeatureExtractor, Features, prepare
from triage.adapters.models.linear.ngrams import Spans
from triage.adapters.models.linear.parameters import TrainedParameters
from triage.domain.classification import Evidence

SHOWN = 5
_WORD = re.compile(r"\w[\w'-]*")


class Explainer:
    """Names the words that drove a prediction."""

    def __init__(self, extractor: FeatureExtractor, parameters: TrainedParameters) -> None:
        self._extractor = extractor
        weights = parameters.head.ngram_weights
        # Against the mean of all categories: what speaks for every category alike explains nothing.
        self._weights = (weights - weights.mean(axis=1, keepdims=True)) / np.float32(parameters.temperature)

    def explain(
        self, texts: Sequence[str], features: Features, predicted: NDArray[np.intp]
    ) -> list[tuple[Evidence, ...]]:
        """Words that spoke for the predicted category of each text, strongest first.

        Args:
            predicted: class number for each text, shape (n,).

        Returns:
            For each text up to ``SHOWN`` words with their weight in log-odds, > 0.
        """
        return [self._explain(text, features, row, int(predicted[row])) for row, text in enumerate(texts)]

    def _explain(self, text: str, features: Features, row: int, label: int) -> tuple[Evidence, ...]:
        prepared = prepare(text)
        start, end = features.ngrams.indptr[row : row + 2]
        columns = features.ngrams.indices[start:end]
        weighted = dict(
            zip(
                columns.tolist(),
                (features.ngrams.data[start:end] * self._weights[columns, label]).tolist(),
                strict=True,
            )
        )
        share = np.zeros(len(prepared) + 1)
        words, chars = self._extractor.words, self._extractor.chars
        _spread(words.spans(prepared), 0, weighted, share)
        _spread(chars.spans(prepared), len(words.vocabulary), weighted, share)
        total = np.concatenate([[0.0], np.cumsum(share)])
        found: dict[str, float] = {}
        for match in _WORD.finditer(text):
            word = match.group().lower()
            found[word] = found.get(word, 0.0) + float(total[match.end()] - total[match.start()])
        strongest = sorted(found.items(), key=lambda item: -item[1])[:SHOWN]
        return tuple(Evidence(word, round(weight, 3)) for word, weight in strongest if weight > 0)


def _spread(spans: Spans, offset: int, weighted: dict[int, float], share: NDArray[np.float64]) -> None:
    """Divide each n-gram's weight over the places where it stands, and there over its characters."""
    if not len(spans.ids):
        return
    counts = np.bincount(spans.ids)
    weights = np.array([weighted.get(int(column) + offset, 0.0) for column in spans.ids]) / counts[spans.ids]
    for start, end, weight in zip(spans.starts, spans.ends, weights, strict=True):
        if end > start:
            share[start:end] += weight / (end - start)
