"""Fitting on judged queries whose best weights are known."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.fuse import EVIDENCE, RELATIONS
from training.answer_fit import chances_of, fit_logistic
from training.fusion_evidence import Judged, Padded
from training.fusion_fit import DevSets, fit_ranking, free_weights

WORDS, COSINE = EVIDENCE.index("words"), EVIDENCE.index("cosine")


def judged(column: int, seed: int) -> Judged:
    """Ten candidates of which one column tells the right one, and the others tell nothing."""
    rng = np.random.default_rng(seed)
    evidence = rng.random((10, len(EVIDENCE)))
    gains = np.zeros(10)
    gains[int(evidence[:, column].argmax())] = 1.0
    return Judged(evidence, np.zeros(10, np.int64), gains, 1.0)


def test_the_evidence_that_tells_gets_the_weight() -> None:
    queries = [judged(COSINE, seed) for seed in range(60)]
    weights = fit_ranking(DevSets.of({"set": queries}, [queries]))
    assert weights[0, :-1].argmax() == COSINE
    assert Padded.of(queries).ndcg10(weights) > 0.95
    assert (weights[:, :-1] >= 0).all()


def test_the_gradient_of_the_loss_is_its_slope() -> None:
    padded = Padded.of([judged(WORDS, seed) for seed in range(5)])
    rng = np.random.default_rng(1)
    weights = rng.random((len(RELATIONS), len(EVIDENCE) + 1))
    loss, gradient = padded.listwise_loss(weights)
    moved = weights.copy()
    moved[0, WORDS] += 1e-3
    assert (padded.listwise_loss(moved)[0] - loss) / 1e-3 == pytest.approx(gradient[0, WORDS], abs=1e-3)


def test_only_passages_in_another_language_have_an_offset() -> None:
    assert free_weights()[:, -1].tolist() == [False, False, True]


def test_a_logistic_regression_finds_what_tells_two_classes_apart() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(200, 3))
    labels = (features[:, 1] > 0.3).astype(float)
    chances = chances_of(features, fit_logistic(features, labels, np.ones(200)))
    assert ((chances > 0.5) == (labels == 1)).mean() > 0.95


def test_examples_that_weigh_next_to_nothing_teach_next_to_nothing() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(200, 3))
    labels = (features[:, 1] > 0.3).astype(float)
    twice, wrong_too = np.vstack([features, features]), np.concatenate([labels, 1 - labels])
    fitted = fit_logistic(twice, wrong_too, np.repeat([1.0, 0.001], 200))
    assert ((chances_of(features, fitted) > 0.5) == (labels == 1)).mean() > 0.95
