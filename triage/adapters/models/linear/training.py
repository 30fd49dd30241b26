"""Trains the linear head and everything that makes it trustworthy, from one set of labelled texts.

Calibration and thresholds come from twins: each ticket is judged by a head that has seen neither it nor its
near-copies, not even to choose its vocabulary. The model itself is taught all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.demands import codes_taught, read_demands, targets_of
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
from triage.adapters.models.linear.parameters import Examples, TrainedParameters
from triage.adapters.models.linear.passages import read_past_asides
from triage.adapters.models.linear.self_taught import Teacher, past_tickets, teach_pupil
from triage.adapters.models.linear.trust import Promised, Trust, recognises_no_fewer
from triage.adapters.models.linear.twins import (
    TUNED_DENSE_WEIGHT,
    Fold,
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

#: Fewer say too little: of 500 the share that is right is known to some 3 points.
LEAST_EVERYDAY = 500
#: How much a ticket that was picked to be hard counts beside an everyday one, where those are told apart: of 442
#: tickets 0.900 were right with 0.3 and 0.894 with 1, of 370 others 0.884 and 0.878; of everyday ones, held out, 0.824
#: and 0.822.
HARD_PULL = 0.3


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
    history: Sequence[str] = (),
    everyday: Sequence[bool] | None = None,
    asides: Sequence[str] = (),
    described: Mapping[str, Sequence[str]] | None = None,
    demands: Sequence[Collection[str]] = (),
) -> tuple[FeatureExtractor, TrainedParameters]:
    """Train on labelled texts.

    Args:
        ids: ids of the texts, to be named as nearest examples; their numbers by default.
        groups: texts of one group are held out together; near-copies are found when None.
        twins: of an encoder that was fine-tuned on the texts. It knows these by heart, so only its twins can say how
            far to trust the model.
        opinion: of a transformer fine-tuned on the texts, heard where that helps held-out texts.
        history: more texts, whose categories nobody gave: with few examples of each category a head teaches a pupil
            what it makes of them, which takes its place unless held-out texts are recognised less often.
        everyday: which texts are as tickets come. Only these say how far to trust the model, where there are
            ``LEAST_EVERYDAY`` of them: examples picked to be hard teach it, and would have it trust itself too little.
        asides: sentences that say nothing of any category, to be read past; taken by a head that reads closeness, of an
            encoder that was not fine-tuned and without a second opinion.
        described: what categories are, in words, by label: examples of them where there are few others.
        demands: what each ticket demands, taught beside the categories by a head that reads closeness; none known when
            empty.

    Raises:
        InvalidInput: no texts, lengths that differ, fewer than two categories, or twins that judge no text.
    """
    _check(texts, labels, twins)
    lesson = Lesson.of(texts, labels, () if twins or opinion else asides, described)
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
    asked = _asked(everyday, lesson.n)
    pull = np.ones(len(everything))
    pull[: lesson.n][~asked] = HARD_PULL
    rows = (lesson, everything, extractor, features, dense_weight, seed)
    codes = codes_taught(demands) if lesson.kind == "ridge" and not twins and opinion is None else ()
    wanted = targets_of(demands, codes, len(everything)) if codes else None
    fitted = fit_head(*rows, _with_own(together, everything), pull, wanted)
    head, truth = fitted.head, lesson.truth[: lesson.n]
    examples = np.arange(lesson.n) if len(head.closeness_weights) else _examples(truth, options)
    folds: Sequence[Fold] = tuned or ()
    if lesson.kind == "ridge" and not tuned:
        said = left_out(_held_out_margins(fitted, texts), embedding[: lesson.n], together, examples)
    else:
        folds = tuned or folds_of(lesson, encoder, embedding, together, seed)
        said = judge(lesson, folds, dense_weight, examples, seed)
    promised = Promised(options.coverage, options.max_error, options.unfamiliar_share)
    trust = Trust.from_verdicts(said.about(asked), truth, promised)
    margins = _margins_of_all(lesson, features, fitted, said)
    held_out_probabilities = trust.calibration.probabilities(margins)
    settings = head_settings(lesson.kind, dense_weight)
    n_asides = len(lesson.spoken) if lesson.kind == "ridge" else 0
    vectors = half_precision(embedding[np.append(examples, everything[lesson.n : lesson.n + n_asides])])
    if opinion is not None and (heard := hear(opinion, said, truth)).weight:
        trust = Trust.from_verdicts(heard.verdicts.about(asked), truth, promised)
        extractor, head = listening(extractor, head, opinion.reader, lesson.labels, heard.weight)
        settings |= {"transformer_weight": round(heard.weight, 4)}
    past = past_tickets(history, texts, seed) if lesson.kind == "logistic" and opinion is None else ()
    if past:
        teacher = Teacher(extractor, head, encoder, dense_weight, trust.calibration)
        pupil = teach_pupil(lesson, texts, past, teacher, folds, seed)
        if recognises_no_fewer(pupil.verdicts, said, truth):
            trust = Trust.from_verdicts(pupil.verdicts.about(asked), truth, promised)
            extractor, head, vectors = pupil.extractor, pupil.head, pupil.vectors
            examples = np.arange(lesson.n)
            held_out_probabilities = trust.calibration.probabilities(pupil.margins)
            settings = head_settings("ridge", 0.0) | {"taught_by": lesson.kind}
    named = None
    if fitted.beside and wanted is not None:
        named = read_demands(codes, fitted.beside.head, fitted.beside.held_out[: lesson.n], wanted[: lesson.n])
    return extractor, TrainedParameters(
        labels=lesson.labels,
        head=head,
        calibration=trust.calibration,
        promise=trust.promise,
        examples=Examples(tuple(str(ids[int(row)] if ids else row) for row in examples), vectors, n_asides),
        held_out=trust.held_out,
        judged=trust.judged,
        settings=settings,
        held_out_probabilities=held_out_probabilities,
        demands=named,
    )


def _with_own(together: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Groups of all rows: those of the texts, and one of its own for each name or aside behind them."""
    own = np.arange(len(rows) - len(together)) + together.max() + 1
    return np.concatenate([together, own])


def _held_out_margins(fitted: Fitted, texts: Sequence[str]) -> MarginArray:
    """What was said about each text without its group, read past asides where those were taught."""
    whole = fitted.held_out[: len(texts)]
    return read_past_asides(texts, whole, fitted.parts.margins) if fitted.parts else whole


def _margins_of_all(lesson: Lesson, features: Features, fitted: Fitted, said: Verdicts) -> MarginArray:
    """What was said about each text while it was held out; about one that no twin judged, what the model says."""
    margins = fitted.held_out[: lesson.n].copy()
    if not len(margins):
        margins = fitted.head.margins(features, np.empty((0, 0), dtype=np.float32))[: lesson.n]
    margins[said.rows] = said.margins
    return margins


def _asked(everyday: Sequence[bool] | None, n: int) -> NDArray[np.bool_]:
    """Which texts say how far to trust the model, shape (n,): the everyday ones where there are enough, else all."""
    if everyday is None or sum(everyday) < LEAST_EVERYDAY:
        return np.ones(n, dtype=np.bool_)
    return np.asarray(everyday, dtype=np.bool_)


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
