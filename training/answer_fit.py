"""Tells questions with an answer from those without by the first passage: a logistic regression, and the floor.

The weights are fitted on the questions about the sample documents and on near misses: other products, other law, what
no document says. The floor is set on chances that models fitted without the question give it, so that no more than one
in ten of the questions without an answer gets one, and no more than one in four of the near misses, which are harder on
purpose.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import NO_FILTERS
from training.fusion_evidence import Array
from training.questions import Question

# Share of the questions without an answer that may be answered all the same.
WRONGLY_ANSWERED = 0.1
# The same of the near misses.
NEARLY_ANSWERED = 0.25
# The weights file rounds to so much.
STEP = 0.001
FOLDS = 8
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


def fit_answers(
    index: KnowledgeIndex, questions: Sequence[Question], near_misses: Sequence[Question]
) -> tuple[Array, float]:
    """Weights of shape (9,), offset last, and the floor.

    Args:
        index: ranks as it will.
        questions: with and without an answer.
        near_misses: without an answer.
    """
    asked = [*questions, *near_misses]
    rows = [index.rank(read_query(question.text), NO_FILTERS, 1).answers[0] for question in asked]
    features, labels = np.array(rows, dtype=float), np.array([float(question.answerable) for question in asked])
    folds = np.random.default_rng(SEED).permutation(len(labels)) % FOLDS
    unseen = np.zeros(len(labels))
    for fold in range(FOLDS):
        others = folds != fold
        unseen[~others] = chances_of(features[~others], fit_logistic(features[others], labels[others]))
    near = np.arange(len(asked)) >= len(questions)
    fitted = fit_logistic(features, labels)
    # The highest chance that is not to be answered, by models without and with the question.
    highest = [
        np.quantile(chances[group], 1 - share, method="higher")
        for chances in (unseen, chances_of(features, fitted))
        for group, share in (((labels == 0) & ~near, WRONGLY_ANSWERED), (near, NEARLY_ANSWERED))
        if group.any()
    ]
    floor = float(max(highest)) + STEP
    print(
        f"floor {floor:.3f}: of questions the model has not seen, {(unseen[labels == 1] >= floor).mean():.3f} with an "
        f"answer get one, and {(unseen[near] >= floor).mean():.3f} of the near misses"
    )
    return fitted, floor
