"""Everything a trained linear classifier consists of, without its encoder."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.linear.calibration import Calibration, MarginArray, ProbabilityArray
from triage.adapters.models.linear.features import Features
from triage.adapters.models.linear.ridge import closeness


@dataclass(frozen=True, slots=True)
class Promise:
    """The thresholds that keep what was promised, on calibrated probabilities.

    Attributes:
        coverage: promised share of prediction sets that hold the true category, in (0, 1).
        set_threshold: least probability of a category in the prediction set.
        max_error: promised share of errors among tickets not abstained on, in (0, 1).
        tagging_threshold: least probability of the first category; below it a person decides.
        familiarity_threshold: least familiarity (margin of the first category plus cosine to the nearest example);
            below it the ticket is out of scope.
    """

    coverage: float
    set_threshold: float
    max_error: float
    tagging_threshold: float
    familiarity_threshold: float


@dataclass(frozen=True, slots=True)
class Head:
    """A linear map from features to margins.

    Attributes:
        ngram_weights: float32, shape (n_ngrams, n_classes).
        dense_weights: float32, shape (dim, n_classes).
        closeness_weights: float32, shape (n_examples, n_classes), for the closeness to each kept example; without
            rows for a head that does not read it.
        intercept: float32, shape (n_classes,).
    """

    ngram_weights: NDArray[np.float32]
    dense_weights: NDArray[np.float32]
    closeness_weights: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def margins(self, features: Features, cosine: NDArray[np.float32]) -> MarginArray:
        """Uncalibrated scores: float32, shape (n, n_classes).

        Args:
            cosine: of each text to each kept example, shape (n, n_examples).
        """
        scores = features.ngrams @ self.ngram_weights + features.embedding @ self.dense_weights + self.intercept
        if len(self.closeness_weights):
            scores += closeness(cosine) @ self.closeness_weights
        return np.asarray(scores, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class DemandHead:
    """Which demands a text makes.

    Attributes:
        codes: of the demands, in the order of the head's columns.
        slope: with ``offset`` turns a margin into the log-odds of the demand.
    """

    codes: tuple[str, ...]
    head: Head
    slope: float
    offset: float

    def named(self, features: Features, cosine: NDArray[np.float32]) -> list[tuple[str, ...]]:
        """The demands of each text that are likelier than not, the likeliest first.

        Args:
            cosine: of each text to each kept example, shape (n, n_examples).
        """
        log_odds = self.head.margins(features, cosine) * self.slope + self.offset
        likely = log_odds >= 0.0
        order = np.argsort(-log_odds, axis=1, kind="stable").tolist()
        return [
            tuple(self.codes[column] for column in ranked if named[column])
            for ranked, named in zip(order, likely.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Examples:
    """Training tickets kept as vectors, to name the nearest ones.

    Attributes:
        ids: ids of the labelled tickets.
        vectors: float32, shape (n, dim), rows of length one; behind those of the labelled tickets, of past ones whose
            categories a first head named, or of asides.
        n_asides: number of asides, which belong to no category; where there are some, texts are read past them.
    """

    ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    n_asides: int = 0

    @property
    def n_past(self) -> int:
        """Number of the past ones."""
        return len(self.vectors) - len(self.ids) - self.n_asides


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the model said about its training tickets while they were held out, for the model card.

    Attributes:
        accuracy: share of first categories that were right, in [0, 1].
        calibration_error: expected calibration error, in [0, 1].
        tagged_share: share of tickets not abstained on.
        tagged_error: share of errors among those.
        set_coverage: share of prediction sets that held the true category.
        set_size: mean size of the prediction sets.
    """

    n: int
    accuracy: float
    calibration_error: float
    tagged_share: float
    tagged_error: float
    set_coverage: float
    set_size: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said about training tickets while they were held out, so that other limits can be promised later.

    Attributes:
        confidence: probability of the first category, float64, shape (n,).
        true_probability: probability of the true category, float64, shape (n,).
        correct: whether the first category was right, bool, shape (n,).
        familiar: whether the ticket was in scope, bool, shape (n,).
        weight: how many tickets each stands for, float64, shape (n,).
    """

    confidence: NDArray[np.float64]
    true_probability: NDArray[np.float64]
    correct: NDArray[np.bool_]
    familiar: NDArray[np.bool_]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrainedParameters:
    """A trained model: its labels, head, calibration, promise and examples.

    Attributes:
        judged: what other promises can be made from; None for a model of before it was kept.
        held_out_probabilities: float64, shape (n_training, n_classes): what the model said about each training ticket
            while it was held out; known right after training only, not kept on disk.
        demands: what reads demands beside categories, where those were taught.
    """

    labels: tuple[str, ...]
    head: Head
    calibration: Calibration
    promise: Promise
    examples: Examples
    held_out: HeldOut
    settings: dict[str, float | int | str] = field(default_factory=dict)
    judged: Judged | None = None
    held_out_probabilities: ProbabilityArray | None = None
    demands: DemandHead | None = None
