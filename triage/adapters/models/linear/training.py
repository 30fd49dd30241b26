"""Trains the linear head and everything that makes it trustworthy, from one set of labelled texts.

Calibration and thresholds come from twins: each ticket is judged by a head that has seen neither it nor its
near-copies, not even to choose its vocabulary. The model itself is taught all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.linear.calibration import Calibration, MarginArray, expected_calibration_error
from triage.adapters.models.linear.features import FeatureExtractor, Features
from triage.adapters.models.linear.fitting import (
    Fitted,
    Lesson,
    fit_head,
    half_precision,
    head_settings,
    learn_features,
)
from triage.adapters.models.linear.grouping import near_copy_groups
from triage.adapters.models.linear.opinion import SecondOpinion, hear, listening
from triage.adapters.models.linear.parameters import Examples, HeldOut, Promise, TrainedParameters
from triage.adapters.models.linear.promise import set_threshold, tagging_threshold
from triage.adapters.models.linear.twins import (
    TUNED_DENSE_WEIGHT,
    Twin,
    Verdicts,
    best_dense_weight,
    folds_of,
    judge,
    left_out,
    sample_folds,
    tuned_folds,
)
from triage.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train.

    Attributes:
        coverage: promised share of prediction sets that hold the true category, in (0, 1).
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        unfamiliar_share: share of tickets like the training ones that may be called out of scope.
        kept_examples: at most so many examples are kept to name the nearest ones, where the head does not read all.
    """

    coverage: float = 0.9
    max_error: float = 0.05
    unfamiliar_share: float = 0.005
    kept_examples: int = 5_000
    seed: int = 0


def train_parameters(
    texts: Sequence[str],
    labels: Sequence[str],
    encoder: Encoder,
    options: TrainingOptions,
    *,
    ids: Sequence[str] | None = None,
    groups: Sequence[int] | None = None,
    twins: Sequence[Twin] | None = None,
    opinion: SecondOpinion | None = None,
) -> tuple[FeatureExtractor, TrainedParameters]:
    """Train on labelled texts.

    Args:
        ids: ids of the texts, to be named as nearest examples; their numbers by default.
        groups: texts of one group are held out together; near-copies are found when None.
        twins: of an encoder that was fine-tuned on the texts. It knows these by heart, so only its twins can say how
            far to trust the model.
        opinion: of a transformer fine-tuned on the texts, heard where that helps held-out texts.

    Raises:
        InvalidInput: no texts, lengths that differ, fewer than two categories, or twins that judge no text.
    """
    _check(texts, labels, twins)
    lesson = Lesson.of(texts, labels)
    embedding = encoder.encode([*texts, *lesson.spoken])
    everything = np.arange(len(lesson.truth))
    extractor, features = learn_features(lesson, everything, encoder, embedding)
    together = near_copy_groups(features.ngrams[: lesson.n]) if groups is None else np.asarray(groups)
    seed = options.seed
    tuned = tuned_folds(lesson, texts, twins) if twins else None
    dense_weight = 0.0
    if lesson.kind != "ridge":
        dense_weight = TUNED_DENSE_WEIGHT
        if not tuned:
            dense_weight = best_dense_weight(lesson, sample_folds(lesson, encoder, embedding, together, seed), seed)
    fitted = fit_head(lesson, everything, extractor, features, dense_weight, seed, together)
    head, truth = fitted.head, lesson.truth[: lesson.n]
    examples = np.arange(lesson.n) if len(head.closeness_weights) else _examples(truth, options)
    if lesson.kind == "ridge" and not tuned:
        said = left_out(fitted.held_out, embedding, together, examples)
    else:
        folds = tuned or folds_of(lesson, encoder, embedding, together, seed)
        said = judge(lesson, folds, dense_weight, examples, seed)
    calibration = Calibration.fit(said.margins, truth[said.rows])
    held_out_probabilities = calibration.probabilities(_margins_of_all(lesson, features, fitted, said))
    settings = head_settings(lesson.kind, dense_weight)
    if opinion is not None and (heard := hear(opinion, said, truth)).weight:
        said = heard.verdicts
        calibration = Calibration.fit(said.margins, truth[said.rows])
        extractor, head = listening(extractor, head, opinion.reader, lesson.labels, heard.weight)
        settings |= {"transformer_weight": round(heard.weight, 4)}
    fair = said.margins, said.margins.max(axis=1) + said.nearest, truth[said.rows], calibration
    promise = _promise(*fair, options)
    return extractor, TrainedParameters(
        labels=lesson.labels,
        head=head,
        calibration=calibration,
        promise=promise,
        examples=Examples(
            ids=tuple(str(ids[int(row)] if ids else row) for row in examples),
            vectors=half_precision(embedding[examples]),
        ),
        held_out=_held_out(*fair, promise),
        settings=settings,
        held_out_probabilities=held_out_probabilities,
    )


def _margins_of_all(lesson: Lesson, features: Features, fitted: Fitted, said: Verdicts) -> MarginArray:
    """What was said about each text while it was held out; about one that no twin judged, what the model says."""
    margins = fitted.held_out.copy()
    if not len(margins):
        margins = fitted.head.margins(features, np.empty((0, 0), dtype=np.float32))[: lesson.n]
    margins[said.rows] = said.margins
    return margins


def _promise(
    margins: MarginArray,
    familiarity: FloatArray,
    truth: NDArray[np.intp],
    calibration: Calibration,
    options: TrainingOptions,
) -> Promise:
    probability = calibration.probabilities(margins)
    confidence, correct = probability.max(axis=1), probability.argmax(axis=1) == truth
    return Promise(
        coverage=options.coverage,
        set_threshold=set_threshold(probability[np.arange(len(truth)), truth], options.coverage),
        max_error=options.max_error,
        tagging_threshold=tagging_threshold(confidence, correct, options.max_error),
        familiarity_threshold=float(np.quantile(familiarity, options.unfamiliar_share)),
    )


def _held_out(
    margins: MarginArray,
    familiarity: FloatArray,
    truth: NDArray[np.intp],
    calibration: Calibration,
    promise: Promise,
) -> HeldOut:
    probability = calibration.probabilities(margins)
    confidence, correct = probability.max(axis=1), probability.argmax(axis=1) == truth
    tagged = (confidence >= promise.tagging_threshold) & (familiarity >= promise.familiarity_threshold)
    in_set = probability >= np.minimum(promise.set_threshold, confidence)[:, None]
    return HeldOut(
        n=len(truth),
        accuracy=float(correct.mean()),
        calibration_error=expected_calibration_error(confidence, correct),
        tagged_share=float(tagged.mean()),
        tagged_error=float((~correct[tagged]).mean()) if tagged.any() else 0.0,
        set_coverage=float(in_set[np.arange(len(truth)), truth].mean()),
        set_size=float(in_set.sum(axis=1).mean()),
    )


def _examples(truth: NDArray[np.intp], options: TrainingOptions) -> NDArray[np.intp]:
    """Rows of the examples to keep: all, or the same share of each category."""
    if len(truth) <= options.kept_examples:
        return np.arange(len(truth))
    order = np.lexsort((np.random.default_rng(options.seed).random(len(truth)), truth))
    return np.sort(order[np.linspace(0, len(order) - 1, options.kept_examples).astype(int)])


def _check(texts: Sequence[str], labels: Sequence[str], twins: Sequence[Twin] | None) -> None:
    if len(texts) != len(labels):
        raise InvalidInput(f"There are {len(texts)} texts but {len(labels)} labels: give one label for each text.")
    if len(set(labels)) < 2:
        raise InvalidInput("Training needs examples of at least two categories.")
    if twins is not None and not any(twin.judged for twin in twins):
        raise InvalidInput(
            "Keep some tickets from the encoder's twins: those they were taught cannot say how far to trust."
        )
