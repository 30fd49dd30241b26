"""Trains the linear head and everything that makes it trustworthy, from one set of labelled texts.

Temperature and thresholds come from out-of-fold logits: each ticket is judged by a head that has seen neither it nor
its near-copies. scikit-learn is imported here only, when training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder
from triage.adapters.models.linear.calibration import (
    LogitArray,
    expected_calibration_error,
    fit_temperature,
    softmax,
)
from triage.adapters.models.linear.features import FeatureExtractor, Features
from triage.adapters.models.linear.grouping import near_copy_groups, spread_over_folds
from triage.adapters.models.linear.ngrams import Rows
from triage.adapters.models.linear.parameters import Examples, Head, HeldOut, Promise, TrainedParameters
from triage.adapters.models.linear.promise import set_threshold, tagging_threshold
from triage.errors import InvalidInput

UNSEEN_LOGIT = -2.0  # for a category that a fold's training part lacks


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train.

    Attributes:
        coverage: promised share of prediction sets that hold the true category, in (0, 1).
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        cost: penalty of a training error; larger follows the examples more closely.
        dense_weight: length of the embedding beside the n-gram blocks, which have length one each.
        min_df: least number of texts an n-gram must stand in.
        familiar_share: share of tickets like the training ones that may be called out of scope.
        kept_examples: at most so many examples are kept to name the nearest ones.
    """

    coverage: float = 0.9
    max_error: float = 0.05
    cost: float = 0.3
    dense_weight: float = 1.0
    min_df: int = 2
    folds: int = 5
    familiar_share: float = 0.01
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
) -> tuple[FeatureExtractor, TrainedParameters]:
    """Train on labelled texts.

    Args:
        ids: ids of the texts, to be named as nearest examples; their numbers by default.
        groups: texts of one group are held out together; near-copies are found when None.

    Raises:
        InvalidInput: no texts, lengths that differ, or fewer than two categories.
    """
    _check(texts, labels)
    names, truth = np.unique(np.asarray(labels), return_inverse=True)
    if len(texts) < 20 * len(names):
        options = replace(options, min_df=1)
    extractor = FeatureExtractor.fit(texts, encoder, min_df=options.min_df)
    features = extractor.transform(texts)
    together = near_copy_groups(features.embedding) if groups is None else np.asarray(groups)
    stacked = features.stacked(options.dense_weight)
    logits = out_of_fold_logits(stacked, truth, together, options)
    temperature = fit_temperature(logits, truth)
    promise = _promise(logits, truth, temperature, options)
    n_ngrams = features.ngrams.shape[1]
    weights, intercept = _fit_linear(stacked, truth, len(names), options)
    head = Head(_stored(weights[:n_ngrams]), weights[n_ngrams:] * np.float32(options.dense_weight), intercept)
    return extractor, TrainedParameters(
        labels=tuple(map(str, names)),
        head=head,
        temperature=temperature,
        promise=promise,
        examples=_examples(features, truth, ids or [str(n) for n in range(len(texts))], options),
        held_out=_held_out(logits, truth, temperature, promise),
        settings={"cost": options.cost, "dense_weight": options.dense_weight, "min_df": options.min_df},
    )


def out_of_fold_logits(
    stacked: Rows, truth: NDArray[np.intp], groups: NDArray[np.intp], options: TrainingOptions
) -> LogitArray:
    """Logits of each row from a head that saw no row of its group: float32, shape (n, n_classes)."""
    n_classes = int(truth.max()) + 1
    logits = np.empty((len(truth), n_classes), dtype=np.float32)
    fold_of = spread_over_folds(truth, groups, options.folds, options.seed)
    for fold in np.unique(fold_of):
        held_out = np.flatnonzero(fold_of == fold)
        seen = np.flatnonzero(fold_of != fold)
        weights, intercept = _fit_linear(stacked[seen], truth[seen], n_classes, options)
        logits[held_out] = stacked[held_out] @ weights + intercept
    return logits


def _fit_linear(
    stacked: Rows, truth: NDArray[np.intp], n_classes: int, options: TrainingOptions
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights of shape (n_features, n_classes) and intercepts; one-vs-rest squared hinge, balanced categories."""
    from sklearn.svm import LinearSVC

    weights = np.zeros((stacked.shape[1], n_classes), dtype=np.float32)
    intercept = np.full(n_classes, UNSEEN_LOGIT, dtype=np.float32)
    present = np.unique(truth)
    if len(present) < 2:
        intercept[present] = 0.0
        return weights, intercept
    machine = LinearSVC(C=options.cost, class_weight="balanced", random_state=options.seed).fit(stacked, truth)
    if len(present) == 2:
        weights[:, present] = np.stack([-machine.coef_[0], machine.coef_[0]], axis=1)
        intercept[present] = [-machine.intercept_[0], machine.intercept_[0]]
    else:
        weights[:, present] = machine.coef_.T
        intercept[present] = machine.intercept_
    return weights, intercept


def _promise(logits: LogitArray, truth: NDArray[np.intp], temperature: float, options: TrainingOptions) -> Promise:
    probability = softmax(logits, temperature)
    return Promise(
        coverage=options.coverage,
        set_threshold=set_threshold(probability[np.arange(len(truth)), truth], options.coverage),
        max_error=options.max_error,
        tagging_threshold=tagging_threshold(
            probability.max(axis=1), probability.argmax(axis=1) == truth, options.max_error
        ),
        familiarity_threshold=float(np.quantile(logits.max(axis=1), options.familiar_share)),
    )


def _held_out(logits: LogitArray, truth: NDArray[np.intp], temperature: float, promise: Promise) -> HeldOut:
    probability = softmax(logits, temperature)
    confidence, correct = probability.max(axis=1), probability.argmax(axis=1) == truth
    tagged = (confidence >= promise.tagging_threshold) & (logits.max(axis=1) >= promise.familiarity_threshold)
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


def _examples(features: Features, truth: NDArray[np.intp], ids: Sequence[str], options: TrainingOptions) -> Examples:
    """A sample of the examples, the same share of each category."""
    kept = np.arange(len(truth))
    if len(kept) > options.kept_examples:
        order = np.lexsort((np.random.default_rng(options.seed).random(len(truth)), truth))
        kept = np.sort(order[np.linspace(0, len(order) - 1, options.kept_examples).astype(int)])
    return Examples(tuple(ids[int(row)] for row in kept), _stored(features.embedding[kept]))


def _stored(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values as half precision keeps them, so that a saved model predicts exactly what this one does."""
    return values.astype(np.float16).astype(np.float32)


def _check(texts: Sequence[str], labels: Sequence[str]) -> None:
    if len(texts) != len(labels):
        raise InvalidInput(f"There are {len(texts)} texts but {len(labels)} labels: give one label for each text.")
    if len(Counter(labels)) < 2:
        raise InvalidInput("Training needs examples of at least two categories.")
