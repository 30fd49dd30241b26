"""An encoder that has read past tickets without their categories: what it moves, what it leaves, how it is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.passage import Encoder
from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.models.test_linear_classifier import tickets
from training.unlabelled import with_or_without_history
from triage.adapters.models.history_encoder import NEIGHBOURS, PULL, SHARPNESS, HistoryEncoder
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.twins import Twin
from triage.domain.redaction import RedactedText
from triage.errors import ModelUnavailable


class KnownVectors:
    """Says of each text the vector it was given."""

    name = "known"

    def __init__(self, vector_of: dict[str, NDArray[np.float32]]) -> None:
        self._vector_of = vector_of
        self.dim = len(next(iter(vector_of.values())))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self._vector_of[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dim)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode(texts)


def directions(n: int, dim: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def test_a_text_moves_to_the_weighted_mean_of_its_nearest_neighbours() -> None:
    past, asked = directions(40, 8, seed=1), directions(1, 8, seed=2)[0]
    encoder = HistoryEncoder(KnownVectors({"asked": asked}), past)
    nearest = sorted((row for row in past), key=lambda row: -float(row @ asked))[:NEIGHBOURS]
    weights = [np.exp(SHARPNESS * (float(row @ asked) - 1)) for row in nearest]
    mean = sum(weight * row for weight, row in zip(weights, nearest, strict=True)) / sum(weights)
    expected = asked + PULL * mean
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(encoder.encode(["asked"])[0], expected, atol=2e-3)
    np.testing.assert_array_equal(encoder.encode_queries(["asked"]), encoder.encode(["asked"]))


def test_a_text_that_stands_in_the_history_is_not_its_own_neighbour() -> None:
    past, asked = directions(40, 8, seed=1), directions(1, 8, seed=2)
    without = HistoryEncoder(KnownVectors({"asked": asked[0]}), past)
    with_itself = HistoryEncoder(KnownVectors({"asked": asked[0]}), np.concatenate([past, asked]))
    np.testing.assert_allclose(with_itself.encode(["asked"]), without.encode(["asked"]), atol=1e-6)


def test_a_history_of_fewer_texts_than_neighbours_serves_and_an_unknown_text_stays_unknown() -> None:
    vector_of = {
        "seen": np.array([1, 0], np.float32),
        "new": np.array([0.6, 0.8], np.float32),
        "": np.zeros(2, np.float32),
    }
    encoder = HistoryEncoder.reading(["seen", "", "seen"], KnownVectors(vector_of))
    assert len(encoder.history) == 1
    moved = encoder.encode(["new", "", "seen"])
    assert moved[0] @ [1, 0] > 0.6
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), [1, 0, 1], atol=1e-6)
    assert encoder.encode([]).shape == (0, 2)


def test_the_same_texts_make_the_same_encoder_in_any_order_and_others_another() -> None:
    texts = tickets(50, seed=3)[0]
    named = HistoryEncoder.reading(texts, HashingEncoder()).name
    assert HistoryEncoder.reading([*reversed(texts), texts[0]], HashingEncoder()).name == named
    assert HistoryEncoder.reading(texts[:25], HashingEncoder()).name != named


def test_a_saved_model_keeps_the_history_as_vectors_and_predicts_the_same(tmp_path: Path) -> None:
    texts, labels = tickets(60, seed=1)
    history, unseen = tickets(200, seed=4)[0], tickets(20, seed=5)[0]
    trained = LinearClassifier.train(texts, labels, HistoryEncoder.reading(history, HashingEncoder()))
    trained.save(tmp_path)
    asked = [RedactedText(text) for text in unseen]
    assert LinearClassifier.load(tmp_path, HashingEncoder()).predict(asked) == trained.predict(asked)
    assert trained.n_history == len(set(history))
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert f"among {len(set(history))} past tickets" in card
    model = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert (model["encoder"], model["format"]) == (HashingEncoder().name, 3)


def test_a_model_with_a_history_is_refused_with_another_encoder(tmp_path: Path) -> None:
    texts, labels = tickets(60, seed=1)
    LinearClassifier.train(texts, labels, HistoryEncoder.reading(texts, HashingEncoder())).save(tmp_path)
    with pytest.raises(ModelUnavailable, match="trained with encoder"):
        LinearClassifier.load(tmp_path, KnownVectors({"": np.zeros(2, np.float32)}))


def test_a_history_is_kept_where_held_out_tickets_are_then_recognised_more_often() -> None:
    said: list[float] = []

    def train(encoder: Encoder, twins: Sequence[Twin] | None, past: Sequence[str]) -> LinearClassifier:
        trained = LinearClassifier.train(texts, labels, encoder, twins=twins, history=past)
        said.append(trained.held_out.accuracy)
        return trained

    texts, labels = tickets(30, seed=1)
    encoder = HashingEncoder()
    noise = ["".join(random.Random(n).choices("abcdefgh ", k=20)) for n in range(50)]
    for history in (noise, tickets(300, seed=7)[0]):
        said.clear()
        kept = with_or_without_history(history, encoder, None, train)
        assert len(said) == 2
        assert kept.held_out.accuracy == max(said)
    said.clear()
    with_or_without_history(["", "  "], encoder, None, train)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("taught_itself", "right", "kept"),
    [(True, 0.46, "reading"), (True, 0.44, "without"), (False, 0.46, "without"), (False, 0.51, "reading")],
)
def test_a_model_that_taught_itself_may_lose_what_a_hundred_tickets_cannot_tell(
    taught_itself: bool, right: float, kept: str
) -> None:
    trained = LinearClassifier.train(*tickets(30, seed=1), HashingEncoder())
    extractor, parameters = trained._extractor, trained._parameters
    ids = parameters.examples.ids[:-5] if taught_itself else parameters.examples.ids  # the others are past tickets

    def train(encoder: Encoder, twins: Sequence[Twin] | None, past: Sequence[str]) -> LinearClassifier:
        held_out = replace(parameters.held_out, n=100, accuracy=right if past else 0.5)  # known to 0.05
        examples = replace(parameters.examples, ids=ids if past else parameters.examples.ids)
        name = "reading" if past else "without"
        return LinearClassifier(name, extractor, replace(parameters, held_out=held_out, examples=examples))

    assert with_or_without_history(tickets(40, seed=7)[0], HashingEncoder(), None, train).name == kept


def test_each_twin_reads_the_history_with_its_own_encoder() -> None:
    texts, labels = tickets(12, seed=1)
    judges: list[list[str]] = []

    def train(encoder: Encoder, twins: Sequence[Twin] | None, past: Sequence[str]) -> LinearClassifier:
        judges.append([twin.encoder.name for twin in twins or ()])
        return LinearClassifier.train(texts, labels, encoder, twins=twins, history=past)

    twins = [Twin(HashingEncoder(f"twin-{number}"), tuple(range(number, 12, 2))) for number in range(2)]
    history = tickets(40, seed=7)[0]
    with_or_without_history(history, HashingEncoder(), twins, train)
    assert judges[0] == ["twin-0", "twin-1"]
    assert judges[1] == [HistoryEncoder.reading(history, twin.encoder).name for twin in twins]
