"""Twins of a model, each taught all but some of the tickets: what they say about those tells how far to trust it.

A twin learns its own vocabulary, its own head and, where the encoder was fine-tuned, has an encoder of its own. The
model itself is taught every ticket, so it is a little better than its twins; its promises err on the safe side.

A head with closeness needs no twins unless its encoder was fine-tuned: what it would say without a ticket follows from
its fit (:mod:`~triage.adapters.models.linear.ridge`).

Source: Vovk 2015, "Cross-conformal predictors" (calibration on all folds together).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.fitting import Kind, Lesson, fit_head, learn_features
from triage.adapters.models.linear.grouping import spread_over_folds

FOLDS: dict[Kind, int] = {"logistic": 10, "ridge": 5, "machines": 5}
DENSE_WEIGHTS = (0.7, 1.4, 2.8)
TUNED_ON = 2_500  # texts; more do not change the choice
#: Of a fine-tuned encoder, which few twins cannot tell. Of 0.7, 1.4, 2.8 and 4 the first was 2-5 points worse and the
#: others within 0.5 of each other on a draw of five examples of each MASSIVE (English) and CLINC150 intent.
TUNED_DENSE_WEIGHT = 2.8
_ROWS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class Twin:
    """An encoder fine-tuned on all texts but some.

    Attributes:
        judged: numbers of the texts it was not taught.
    """

    encoder: Encoder
    judged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """One twin's part of a lesson.

    Attributes:
        embedding: of every text and name by the twin's encoder.
        taught: numbers of the texts taught.
        judged: numbers of the texts it judges.
    """

    encoder: Encoder
    embedding: FloatArray
    taught: NDArray[np.intp]
    judged: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What twins said about texts they were not taught.

    Attributes:
        rows: numbers of the texts.
        margins: float32, shape (n_judged, n_classes).
        nearest: cosine to the nearest example taught, shape (n_judged,).
        weight: how many of the texts each stands for, shape (n_judged,); all for as many when None.
    """

    rows: NDArray[np.intp]
    margins: MarginArray
    nearest: FloatArray
    weight: NDArray[np.float64] | None = None

    def about(self, wanted: NDArray[np.bool_]) -> Verdicts:
        """Those about some of the texts.

        Args:
            wanted: of every text, judged or not, shape (n,).
        """
        asked = wanted[self.rows]
        weight = None if self.weight is None else self.weight[asked]
        return Verdicts(self.rows[asked], self.margins[asked], self.nearest[asked], weight)


def folds_of(
    lesson: Lesson, encoder: Encoder, embedding: FloatArray, groups: NDArray[np.intp], seed: int
) -> list[Fold]:
    """Twins with the model's own encoder, which was taught none of the texts."""
    every = np.arange(lesson.n)
    fold_of = spread_over_folds(lesson.truth[: lesson.n], groups, FOLDS[lesson.kind], seed)
    return [Fold(encoder, embedding, every[fold_of != k], every[fold_of == k]) for k in np.unique(fold_of)]


def sample_folds(
    lesson: Lesson, encoder: Encoder, embedding: FloatArray, groups: NDArray[np.intp], seed: int
) -> list[Fold]:
    """Three twins of a sample of the texts, to choose a weight on."""
    sample = np.sort(np.random.default_rng(seed).permutation(lesson.n)[:TUNED_ON])
    fold_of = spread_over_folds(lesson.truth[sample], groups[sample], 3, seed)
    return [Fold(encoder, embedding, sample[fold_of != k], sample[fold_of == k]) for k in np.unique(fold_of)]


def tuned_folds(lesson: Lesson, texts: Sequence[str], twins: Sequence[Twin]) -> list[Fold]:
    """Twins with fine-tuned encoders of their own."""
    every = np.arange(lesson.n)
    return [
        Fold(
            twin.encoder,
            twin.encoder.encode([*texts, *lesson.spoken]),
            np.delete(every, list(twin.judged)),
            np.array(twin.judged, dtype=np.intp),
        )
        for twin in twins
    ]


def best_dense_weight(lesson: Lesson, folds: Sequence[Fold], seed: int) -> float:
    """The weight of the embedding with which twins are right most often; the smallest of equals."""

    def right(weight: float) -> float:
        said = judge(lesson, folds, weight, np.empty(0, dtype=np.intp), seed)
        return float((said.margins.argmax(axis=1) == lesson.truth[said.rows]).mean())

    return max(DENSE_WEIGHTS, key=right)


def judge(
    lesson: Lesson, folds: Sequence[Fold], dense_weight: float, examples: NDArray[np.intp], seed: int
) -> Verdicts:
    """Teach each twin and ask it about the texts it was not taught.

    Args:
        examples: numbers of the texts that are kept as examples to be near to.
    """
    return joined([_judge_fold(lesson, fold, dense_weight, examples, seed) for fold in folds])


def joined(said: Sequence[Verdicts]) -> Verdicts:
    """The verdicts of several twins as one."""
    return Verdicts(
        np.concatenate([each.rows for each in said]),
        np.concatenate([each.margins for each in said]),
        np.concatenate([each.nearest for each in said]),
    )


def left_out(
    margins: MarginArray, embedding: FloatArray, groups: NDArray[np.intp], examples: NDArray[np.intp]
) -> Verdicts:
    """The verdicts of as many twins as there are groups, which follow from the fit of a head with closeness.

    On MASSIVE they were right about 0.860 of a fifth of the texts, and a twin really taught the others about 0.860.

    Args:
        margins: of each text from a head without its group.
    """
    nearest = np.zeros(len(margins), dtype=np.float32)
    for start in range(0, len(margins), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        cosine = embedding[rows] @ embedding[examples].T  # (rows, n_examples)
        cosine[groups[rows, None] == groups[examples][None, :]] = 0.0
        nearest[rows] = cosine.max(axis=1)
    return Verdicts(np.arange(len(margins)), margins, nearest)


def _judge_fold(lesson: Lesson, fold: Fold, dense_weight: float, examples: NDArray[np.intp], seed: int) -> Verdicts:
    rows = lesson.with_names(fold.taught)
    extractor, taught = learn_features(lesson, rows, fold.encoder, fold.embedding)
    head = fit_head(lesson, rows, extractor, taught, dense_weight, seed).head
    known = fold.embedding[examples[np.isin(examples, fold.taught)]]
    margins, nearest = [], []
    for start in range(0, len(fold.judged), _ROWS_AT_ONCE):
        asked = fold.judged[start : start + _ROWS_AT_ONCE]
        embedding = fold.embedding[asked]
        features = extractor.beside(tuple(lesson.counted.prepared[row] for row in asked), embedding)
        margins.append(head.margins(features, embedding @ taught.embedding.T))
        nearest.append((embedding @ known.T).max(axis=1, initial=0.0))
    return Verdicts(fold.judged, np.concatenate(margins), np.concatenate(nearest))
