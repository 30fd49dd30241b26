"""Which encoder a training run picks by itself, and how a trained model finds its own again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.hashing_encoder import HashingEncoder
from training import encoders
from training.encoders import RememberingEncoder, encoder_for, encoder_of, open_encoder

ENGLISH = ["where is my parcel", "the card was declined at the shop", "I want my money back please"]
POLISH = ["gdzie jest moja paczka", "karta została odrzucona w sklepie", "proszę o zwrot pieniędzy"]


@pytest.fixture
def minilm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HashingEncoder:
    """An installed English encoder."""
    installed = HashingEncoder("minilm")
    monkeypatch.setattr(encoders, "english_encoder", lambda: tmp_path)
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", lambda path: installed)
    return installed


def test_english_tickets_get_the_english_encoder_and_polish_ones_the_shipped(minilm: HashingEncoder) -> None:
    assert encoder_for(ENGLISH * 5) is minilm
    assert encoder_for(ENGLISH + POLISH).name == open_encoder("shipped").name
    assert encoder_for([]).name == open_encoder("shipped").name


def test_without_the_english_encoder_or_with_many_tickets_the_shipped_one_serves(
    minilm: HashingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "MOST_TEXTS", 2)
    assert encoder_for(ENGLISH) is not minilm
    monkeypatch.undo()
    monkeypatch.setattr(encoders, "english_encoder", lambda: None)
    assert encoder_for(ENGLISH).name == open_encoder("shipped").name


def test_a_model_is_opened_with_the_encoder_it_was_trained_with(minilm: HashingEncoder, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text(json.dumps({"encoder": minilm.name}), encoding="utf-8")
    assert encoder_of(tmp_path) is minilm
    model.write_text(json.dumps({"encoder": open_encoder("shipped").name}), encoding="utf-8")
    assert encoder_of(tmp_path).name == open_encoder("shipped").name


def test_a_fine_tuned_encoder_beside_a_model_is_taken_where_the_model_was_trained_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tuned = HashingEncoder(dim=12)
    tuned.name = "encoder-tuned"
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", lambda path: tuned)
    monkeypatch.setattr(encoders, "english_encoder", lambda: None)
    (tmp_path / "encoder").mkdir()
    (tmp_path / "model.json").write_text(json.dumps({"encoder": tuned.name}), encoding="utf-8")
    assert encoder_of(tmp_path) is tuned
    shipped = open_encoder("shipped").name  # trained again into the same folder, without fine-tuning
    (tmp_path / "model.json").write_text(json.dumps({"encoder": shipped}), encoding="utf-8")
    assert encoder_of(tmp_path).name == shipped


def test_each_text_is_encoded_once() -> None:
    asked: list[str] = []

    class Counting(HashingEncoder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            asked.extend(texts)
            return super().encode(texts)

    remembering = RememberingEncoder(Counting())
    first = remembering.encode(["a b", "c d", "a b"])
    assert (remembering.encode(["c d"])[0] == first[1]).all()
    assert asked == ["a b", "c d"]
    assert remembering.encode([]).shape == (0, remembering.dim)


def test_english_tickets_fine_tune_the_transformer_that_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english, polish = ["The screen of my phone is broken"] * 30_000, ["Ekran mojego telefonu jest pęknięty"] * 20
    monkeypatch.setattr(encoders, "english_encoder", lambda: tmp_path)
    assert encoders.transformer_for(english) == tmp_path  # more than its vectors are asked for
    assert encoders.transformer_for(polish) is None
    assert encoders.transformer_for([]) is None
    monkeypatch.setattr(encoders, "english_encoder", lambda: None)
    assert encoders.transformer_for(english) is None
