"""Tells questions with an answer from those without by the first passage: a logistic regression, and the floor.

The weights are fitted on the questions about the sample documents, on near misses (other products, other law, what no
document says), and on hard questions of other writers. The floor is set on chances that models fitted without the
question give it, so that a share of the questions without an answer gets one, and a larger one of the near misses,
which are harder on purpose. Passages with other words for them and passages without are fitted apart, on the same
questions: a passage that nobody named otherwise is further from the questions it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import NO_FILTERS
from knowledge_base.fuse import AnswerWeights
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import FloatArray
from training.fusion_evidence import Array
from training.questions import Question

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


def fit_logistic(features: Array, labels: Array, steps: int = 3000) -> Array:
    """Weights and, last, offset of a logistic regression on standardised features; both classes weigh the same."""
    centre, scale = features.mean(0), features.std(0) + 1e-9
    rows = np.column_stack([(features - centre) / scale, np.ones(len(features))])
    balance = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    penalty = np.append(np.full(features.shape[1], RIDGE), 0.0)
    weights = np.zeros(rows.shape[1])
    for _ in range(steps):
        chances = 1 / (1 + np.exp(-rows @ weights))
        weights -= 0.5 * (rows.T @ (balance * (chances - labels)) / len(labels) + penalty * weights)
    plain = weights[:-1] / scale
    fitted: Array = np.append(plain, weights[-1] - plain @ centre)
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


def fit_answers(index: KnowledgeIndex, asked: Asked, wrongly: Wrongly) -> AnswerWeights:
    """Weights and floor, as the weights file rounds them.

    Args:
        index: ranks as it will.
        asked: what is asked of it.
        wrongly: sets the floor.
    """
    rows = [_first(index, question) for question in asked.all()]
    features = np.array([row for row, _ in rows], dtype=float)
    labels = np.array([float(question.answerable) for question in asked.all()])
    # A question whose answer is not found shows neither what an answer looks like nor what none does.
    telling = np.array([found for _, found in rows]) | (labels == 0)
    unseen = unseen_chances(features, labels, telling)
    fitted = fit_logistic(features[telling], labels[telling])
    none, sets = labels == 0, asked.sets()
    # The highest chance that is not to be answered.
    highest = [
        np.quantile(unseen[none & (sets == number)], 1 - share)
        for number, share in enumerate((wrongly.own, wrongly.near, wrongly.nearest))
    ]
    floor = float(max(highest)) + STEP
    _report(unseen, floor, labels, telling, sets)
    weights = tuple(round(float(weight), 3) for weight in fitted[:-1])
    return AnswerWeights(weights, round(float(fitted[-1]), 3), round(floor, 3))


def unseen_chances(features: Array, labels: Array, telling: NDArray[np.bool_]) -> Array:
    """Chance of each question by models fitted without it: the mean over several ways to leave questions out."""
    chances = np.zeros(len(labels))
    for seed in range(PARTITIONS):
        folds = np.random.default_rng(SEED + seed).permutation(len(labels)) % FOLDS
        for fold in range(FOLDS):
            others = telling & (folds != fold)
            left_out = folds == fold
            chances[left_out] += chances_of(features[left_out], fit_logistic(features[others], labels[others]))
    return chances / PARTITIONS


def _first(index: KnowledgeIndex, question: Question) -> tuple[FloatArray, bool]:
    """What tells whether the first passage answers, and whether the first few do."""
    ranking = index.order(read_query(question.text), NO_FILTERS, FOUND)
    found = question.rank_of(index.parts.passages[int(number)] for number in ranking.ids)
    return ranking.answers[0], found is not None


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
