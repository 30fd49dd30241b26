"""Tells questions with an answer from those without by the first passage: a logistic regression, and the floor.

The weights are fitted on the questions about the sample documents, on near misses (other products, other law, what no
document says), and on questions of other writers; and on all of them again within a story (``stories``), as few of them
are letters. The floor is set on chances that models fitted without the question and all others of its document give it,
so that a share of the questions without an answer gets one, and a larger one of the near misses, which are harder on
purpose. Passages with other words for them and passages without are fitted apart, on
the same questions: a passage that nobody named otherwise is further from the questions it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from knowledge_base.answer import NO_FILTERS
from knowledge_base.fuse import AnswerWeights
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import FloatArray
from training.fusion_evidence import Array
from training.questions import Question
from training.stories import in_stories

# The right section must be among so many passages for a question to show what an answer looks like.
FOUND = 3
# The weights file rounds to so much.
STEP = 0.001
FOLDS = 8
# Ways to cut the questions into folds: by one alone, the floor moves by what happens to stand together.
PARTITIONS = 5
SEED = 7
# Strength of the penalty on the logistic regression's standardised weights.
RIDGE = 0.01
# What a question weighs within a story; 1 as it stands.
IN_A_STORY = 0.1


def fit_logistic(features: Array, labels: Array, shares: Array) -> Array:
    """Weights and, last, offset of a logistic regression on standardised features; both classes weigh the same.

    Args:
        features: shape (n, n_features).
        labels: 0 or 1, shape (n,).
        shares: what each example weighs, > 0, shape (n,).
    """
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=1 / (RIDGE * shares.sum()), class_weight="balanced", max_iter=1000)
    model.fit(scaler.transform(features), labels, sample_weight=shares)
    plain = model.coef_[0] / scaler.scale_
    fitted: Array = np.append(plain, model.intercept_[0] - plain @ scaler.mean_)
    return fitted


def chances_of(features: Array, weights: Array) -> Array:
    """Probabilities by weights with the offset last."""
    chances: Array = 1 / (1 + np.exp(-(features @ weights[:-1] + weights[-1])))
    return chances


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that weights are fitted on.

    Attributes:
        own: questions with and without an answer.
        near_misses: without an answer.
        hard: with and without an answer, by other writers; those without are the nearest of misses.
    """

    own: Sequence[Question]
    near_misses: Sequence[Question]
    hard: Sequence[Question]

    def all(self) -> list[Question]:
        """One after another."""
        return [*self.own, *self.near_misses, *self.hard]

    def sets(self) -> NDArray[np.int64]:
        """Which set each is of: 0, 1 or 2."""
        return np.repeat(np.arange(3), [len(self.own), len(self.near_misses), len(self.hard)])


@dataclass(frozen=True, slots=True)
class Wrongly:
    """Shares of questions without an answer that may be answered all the same.

    Attributes:
        own: of those among the own questions.
        near: of the near misses.
        nearest: of those among the hard questions.
    """

    own: float
    near: float
    nearest: float


@dataclass(frozen=True, slots=True)
class Examples:
    """What weights are fitted on: every question as it stands and within a story.

    Attributes:
        features: of the first passage, shape (n, n_features).
        labels: whether it is to be shown, 0 or 1, shape (n,).
        telling: whether it shows what an answer looks like, or what none does, shape (n,).
        shares: what each weighs, shape (n,).
        questions: number of the question, shape (n,); each once as it stands, first of all and in order.
    """

    features: Array
    labels: Array
    telling: NDArray[np.bool_]
    shares: Array
    questions: NDArray[np.int64]

    @classmethod
    def of(cls, index: KnowledgeIndex, questions: Sequence[Question]) -> Examples:
        """Ask them all."""
        told = in_stories([{"id": one.id, "language": one.language, "text": one.text} for one in questions])
        letters = [replace(one, text=row["text"]) for one, row in zip(questions, told, strict=True)]
        rows = [
            *((*_first(index, one), 1.0, number) for number, one in enumerate(questions)),
            *((*_first(index, one), IN_A_STORY, number) for number, one in enumerate(letters)),
        ]
        features, labels, telling, shares, numbers = map(np.array, zip(*rows, strict=True))
        return cls(features.astype(float), labels.astype(float), telling, shares, numbers)


def fit_answers(index: KnowledgeIndex, asked: Asked, wrongly: Wrongly) -> AnswerWeights:
    """Weights and floor, as the weights file rounds them.

    Args:
        index: ranks as it will.
        asked: what is asked of it.
        wrongly: sets the floor.
    """
    questions, sets = asked.all(), asked.sets()
    examples = Examples.of(index, questions)
    unseen = unseen_chances(examples, questions)
    telling = examples.telling
    fitted = fit_logistic(examples.features[telling], examples.labels[telling], examples.shares[telling])
    labels = examples.labels[: len(questions)]
    # The highest chance that is not to be answered.
    highest = [
        np.quantile(unseen[(labels == 0) & (sets == number)], 1 - share)
        for number, share in enumerate((wrongly.own, wrongly.near, wrongly.nearest))
    ]
    floor = float(max(highest)) + STEP
    _report(unseen, floor, labels, telling[: len(questions)], sets)
    weights = tuple(round(float(weight), 3) for weight in fitted[:-1])
    return AnswerWeights(weights, round(float(fitted[-1]), 3), round(floor, 3))


def unseen_chances(examples: Examples, questions: Sequence[Question]) -> Array:
    """Chance of each question as it stands, by models fitted without it and all that its document answers.

    The mean over several ways to leave documents out; questions without an answer stand alone.
    """
    homes = np.unique([one.gold[0].document if one.gold else one.id for one in questions], return_inverse=True)[1]
    chances = np.zeros(len(questions))
    for seed in range(PARTITIONS):
        fold_of_home = np.random.default_rng(SEED + seed).permutation(homes.max() + 1) % FOLDS
        folds = fold_of_home[homes]
        for fold in range(FOLDS):
            others = examples.telling & (folds[examples.questions] != fold)
            fitted = fit_logistic(examples.features[others], examples.labels[others], examples.shares[others])
            left_out = np.flatnonzero(folds == fold)
            chances[left_out] += chances_of(examples.features[left_out], fitted)
    return chances / PARTITIONS


def _first(index: KnowledgeIndex, question: Question) -> tuple[FloatArray, bool, bool]:
    """What tells whether the first passage answers, whether the question has an answer, and whether that tells."""
    ranking = index.order(read_query(question.text), NO_FILTERS, FOUND)
    found = question.rank_of(index.parts.passages[int(number)] for number in ranking.ids)
    return ranking.answers[0], question.answerable, found is not None or not question.answerable


def _report(unseen: Array, floor: float, labels: Array, telling: NDArray[np.bool_], sets: NDArray[np.int64]) -> None:
    """Print what floors beside the chosen one would do to questions that the model has not seen."""
    for level in sorted({0.2, 0.3, 0.4, 0.5, 0.6, floor}):
        over = unseen >= level
        shares = [
            f"{name} {over[mine].mean():.3f}"
            for number, set_name in enumerate(("own", "near", "hard"))
            for name, mine in (
                (f"{set_name} found", (sets == number) & (labels == 1) & telling),
                (f"{set_name} wrongly answered", (sets == number) & (labels == 0)),
            )
            if mine.any()
        ]
        print(f"floor {level:.3f}{' (chosen)' if level == floor else ''}: {', '.join(shares)}")
