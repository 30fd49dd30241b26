"""Trains the linear head and everything that makes it trustworthy, from one set of labelled texts.

Calibration and thresholds come from held-out margins: each ticket is judged by a head that has seen neither it nor its
near-copies.
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
    fit_closeness,
    fit_flat,
    half_precision,
    kind_for,
    spoken_names,
    with_names,
)
from triage.adapters.models.linear.grouping import near_copy_groups
from triage.adapters.models.linear.parameters import Examples, HeldOut, Promise, TrainedParameters
from triage.adapters.models.linear.promise import set_threshold, tagging_threshold
from triage.errors import InvalidInput

ROWS_AT_ONCE = 1_024


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
    unseen: Sequence[bool] | None = None,
) -> tuple[FeatureExtractor, TrainedParameters]:
    """Train on labelled texts.

    Args:
        ids: ids of the texts, to be named as nearest examples; their numbers by default.
        groups: texts of one group are held out together; near-copies are found when None.
        unseen: which texts the encoder was not fine-tuned on; only these say how far to trust the model. All when None.

    Raises:
        InvalidInput: no texts, lengths that differ, fewer than two categories, or no text unseen by the encoder.
    """
    _check(texts, labels)
    if unseen is not None and not any(unseen):
        raise InvalidInput("Keep some tickets from the encoder: those it was taught cannot say how far to trust it.")
    names, truth = np.unique(np.asarray(labels), return_inverse=True)
    judged = np.arange(len(truth)) if unseen is None else np.flatnonzero(unseen)
    extractor, features, fitted, together = _fit(texts, names.tolist(), truth, groups, judged, encoder, options)
    margins = fitted.held_out
    calibration = Calibration.fit(margins[judged], truth[judged])
    examples = np.arange(len(truth)) if len(fitted.head.closeness_weights) else _examples(truth, options)
    familiarity = margins.max(axis=1) + _nearest_elsewhere(features.embedding, together, examples)
    fair = margins[judged], familiarity[judged], truth[judged], calibration
    promise = _promise(*fair, options)
    return extractor, TrainedParameters(
        labels=tuple(map(str, names)),
        head=fitted.head,
        calibration=calibration,
        promise=promise,
        examples=Examples(
            ids=tuple(str(ids[int(row)] if ids else row) for row in examples),
            vectors=half_precision(features.embedding[examples]),
        ),
        held_out=_held_out(*fair, promise),
        settings=fitted.settings,
        held_out_probabilities=calibration.probabilities(margins),
    )


def _fit(
    texts: Sequence[str],
    names: list[str],
    truth: NDArray[np.intp],
    groups: Sequence[int] | None,
    judged: NDArray[np.intp],
    encoder: Encoder,
    options: TrainingOptions,
) -> tuple[FeatureExtractor, Features, Fitted, NDArray[np.intp]]:
    """Extractor, features of the texts, head, and the group number of each text."""
    kind = kind_for(len(texts), len(names))
    spoken = spoken_names(names) if kind == "logistic" else []
    said = [number for number, name in enumerate(spoken) if name]
    named = [spoken[number] for number in said]
    extractor = FeatureExtractor.fit([*texts, *named], encoder, min_df=1 if kind == "logistic" else 2)
    features = extractor.transform(texts)
    together = near_copy_groups(features.ngrams) if groups is None else np.asarray(groups)
    if kind == "ridge":
        return extractor, features, fit_closeness(extractor, features, truth, together), together
    taught = with_names(features, extractor.transform(named)) if named else features
    classes = np.concatenate([truth, np.array(said, dtype=np.intp)])
    return extractor, features, fit_flat(extractor, taught, classes, together, judged, kind, options.seed), together


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


def _nearest_elsewhere(embedding: FloatArray, groups: NDArray[np.intp], examples: NDArray[np.intp]) -> FloatArray:
    """Cosine of each text to the nearest example outside its own group: float32, shape (n,)."""
    nearest = np.zeros(len(embedding), dtype=np.float32)
    for start in range(0, len(embedding), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        cosine = embedding[rows] @ embedding[examples].T  # (rows, n_examples)
        cosine[groups[rows, None] == groups[examples][None, :]] = 0.0
        nearest[rows] = cosine.max(axis=1)
    return nearest


def _check(texts: Sequence[str], labels: Sequence[str]) -> None:
    if len(texts) != len(labels):
        raise InvalidInput(f"There are {len(texts)} texts but {len(labels)} labels: give one label for each text.")
    if len(set(labels)) < 2:
        raise InvalidInput("Training needs examples of at least two categories.")
