"""A head for many examples, taught tickets whose categories a head for few examples named.

Ten examples of a category hold few of the ways in which customers ask for it; past tickets hold them all, but nobody
gave their categories. A head taught the few examples names those, each as surely as its calibrated probabilities say,
and a pupil is taught both: kernel ridge regression over words and closeness, which thousands of tickets can teach and
ten of each cannot.

Each labelled ticket is judged by a pupil that was not taught it, whose past tickets were named by a head that was not
taught it either. What such a pupil says follows from the one fit (:mod:`~triage.adapters.models.linear.ridge`).

On four draws of the train part of Banking77 that are not reported (2,000 tickets outside the draw, 6,000 past ones),
pupils were right 1.0 to 1.5 points more often than their teachers (0.867 and 0.848 with ten examples of each intent,
0.820 and 0.797 with five). Penalties of 0.35 and 1.0, weights of 1 and 3 of a labelled ticket, probabilities made more
or less sure and twice the weight of closeness were all within 0.006 of each other.

Source: Lee 2013, "Pseudo-Label"; Xie et al. 2020, "Self-training with Noisy Student Improves ImageNet Classification"
(a teacher's probabilities, not its first choice, teach a pupil that can learn more than it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.history_encoder import MOST_KEPT, HistoryEncoder
from triage.adapters.models.linear.calibration import Calibration, MarginArray, ProbabilityArray
from triage.adapters.models.linear.features import CountedTexts, FeatureExtractor
from triage.adapters.models.linear.fitting import (
    MIN_DF,
    WORD_WEIGHT,
    Lesson,
    fit_head,
    half_precision,
    learn_features,
)
from triage.adapters.models.linear.ngrams import Rows
from triage.adapters.models.linear.parameters import Head
from triage.adapters.models.linear.ridge import CLOSENESS_WEIGHT, MOST_EXAMPLES, factor_of, gram_of, solve
from triage.adapters.models.linear.twins import Fold, Verdicts, joined

PENALTY = 1.0
LABELLED_WEIGHT = 3.0  # beside a past ticket, whose name may be wrong
_NO_COSINES = np.empty((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Teacher:
    """A head for few examples, in parts.

    Attributes:
        encoder: as it reads; with a history, perhaps.
        calibration: of its margins about tickets it was not taught.
    """

    extractor: FeatureExtractor
    head: Head
    encoder: Encoder
    dense_weight: float
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Pupil:
    """A head taught labelled and past tickets.

    Attributes:
        verdicts: about labelled tickets, held out.
        margins: of every labelled ticket, held out where it was judged.
        vectors: of the labelled tickets, then of the past ones, shape (n + n_past, dim).
    """

    extractor: FeatureExtractor
    head: Head
    verdicts: Verdicts
    margins: MarginArray
    vectors: FloatArray


def past_tickets(history: Sequence[str], texts: Sequence[str], seed: int) -> tuple[str, ...]:
    """Each past ticket once that is none of the labelled ones; as many as a pupil can be taught, drawn by chance."""
    distinct = sorted({text for text in history if text.strip()}.difference(texts))
    most = max(0, min(MOST_KEPT, MOST_EXAMPLES - len(texts)))
    return tuple(distinct[row] for row in np.sort(np.random.default_rng(seed).permutation(len(distinct))[:most]))


def teach_pupil(
    lesson: Lesson, texts: Sequence[str], past: Sequence[str], teacher: Teacher, folds: Sequence[Fold], seed: int
) -> Pupil:
    """Name the past tickets and teach a pupil; judge it on the labelled tickets of the folds.

    Args:
        lesson: of the labelled ``texts``.
        past: tickets without categories, none of them among ``texts``.
        folds: of the teacher's encoder, or of the twins of one that was fine-tuned.
    """
    counted = CountedTexts.of([*texts, *past])
    own = _without_history(teacher.encoder)
    extractor, ngrams = FeatureExtractor.learn(counted, own, min_df=MIN_DF["ridge"])
    scale = extractor.column_scale(WORD_WEIGHT["ridge"], 0.0)[: ngrams.shape[1]]
    ngrams.data *= scale[ngrams.indices]
    every = _Reading.of(teacher.encoder, texts, past, ngrams)
    prepared_past = counted.prepared[lesson.n :]
    asked = teacher.extractor.beside(prepared_past, every.seen_past)
    targets = _targets(lesson, teacher.calibration.probabilities(teacher.head.margins(asked, _NO_COSINES)))
    coefficients = solve(every.factor, targets)
    margins = (targets - every.penalty[:, None] * coefficients)[: lesson.n]
    judged: list[Verdicts] = []
    reading = every
    for fold in folds:
        if fold.encoder is not reading.encoder:
            reading = _Reading.of(fold.encoder, texts, past, ngrams)
        judged.append(_judge(lesson, fold, reading, prepared_past, teacher, seed))
        margins[fold.judged] = judged[-1].margins
    return Pupil(
        extractor=extractor,
        head=Head(
            ngram_weights=half_precision(np.asarray(ngrams.T @ coefficients) * scale[:, None]),
            dense_weights=np.zeros((own.dim, len(lesson.labels)), dtype=np.float32),
            closeness_weights=half_precision(np.float32(CLOSENESS_WEIGHT) * coefficients),
            intercept=np.zeros(len(lesson.labels), dtype=np.float32),
        ),
        verdicts=joined(judged),
        margins=margins,
        vectors=every.vectors,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """All tickets as one encoder reads them, and the factored system of a pupil with it.

    Attributes:
        vectors: of labelled and past tickets, without a history, at half precision as a saved model keeps them.
        seen_past: vectors of the past tickets as the teacher reads them.
        penalty: of each ticket, shape (n + n_past,).
    """

    encoder: Encoder
    vectors: FloatArray
    seen_past: FloatArray
    penalty: FloatArray
    factor: FloatArray

    @classmethod
    def of(cls, encoder: Encoder, texts: Sequence[str], past: Sequence[str], ngrams: Rows) -> _Reading:
        vectors = _without_history(encoder).encode([*texts, *past])
        seen = vectors[len(texts) :]
        if isinstance(encoder, HistoryEncoder):
            seen = encoder.drawn(seen)
        vectors = half_precision(vectors)
        penalty = np.full(len(vectors), PENALTY, dtype=np.float32)
        penalty[: len(texts)] /= LABELLED_WEIGHT
        system = gram_of(ngrams, vectors)
        system[np.diag_indices(len(vectors))] += penalty
        return cls(encoder, vectors, seen, penalty, factor_of(system))

    def margins_without(self, judged: NDArray[np.intp], targets: FloatArray) -> MarginArray:
        """What a pupil says about tickets that it was not taught: float32, shape (n_judged, n_classes)."""
        asked = np.zeros((len(self.vectors), len(judged)), dtype=np.float32)
        asked[judged, np.arange(len(judged))] = 1.0
        block = solve(self.factor, asked)[judged]  # of the inverse
        lacking = np.linalg.solve(block, solve(self.factor, targets)[judged])
        return np.asarray(targets[judged] - lacking, dtype=np.float32)


def _judge(
    lesson: Lesson, fold: Fold, reading: _Reading, prepared_past: tuple[str, ...], teacher: Teacher, seed: int
) -> Verdicts:
    """Ask a pupil about tickets that neither it nor its teacher was taught."""
    rows = lesson.with_names(fold.taught)
    extractor, taught = learn_features(lesson, rows, fold.encoder, fold.embedding)
    head = fit_head(lesson, rows, extractor, taught, teacher.dense_weight, seed).head
    asked = extractor.beside(prepared_past, reading.seen_past)
    named = teacher.calibration.probabilities(head.margins(asked, _NO_COSINES))
    margins = reading.margins_without(fold.judged, _targets(lesson, named))
    cosine = reading.vectors[fold.judged] @ reading.vectors[fold.taught].T
    return Verdicts(fold.judged, margins, cosine.max(axis=1))


def _targets(lesson: Lesson, named: ProbabilityArray) -> FloatArray:
    """From -1 (surely not) to 1 (surely) for each labelled and past ticket: float32, shape (n + n_past, n_classes)."""
    labelled = np.eye(len(lesson.labels))[lesson.truth[: lesson.n]]
    return np.asarray(2.0 * np.vstack([labelled, named]) - 1.0, dtype=np.float32)


def _without_history(encoder: Encoder) -> Encoder:
    return encoder.encoder if isinstance(encoder, HistoryEncoder) else encoder
