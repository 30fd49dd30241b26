"""What the encoder learns from, and how its vectors are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from training.embedding_data import split_pairs
from training.encoder_files import dequantised, export_sentence_transformers, quantise_rows, write_encoder
from training.encoder_tokenizer import train_tokenizer, untrained_tokenizer
from training.evaluate_encoder import few_shot_accuracy, similarity_correlation, translation_accuracy
from training.inflection import other_forms
from training.word_bags import WordBags
from triage.adapters.models.static_encoder import StaticEncoder


def row(en: str, pl: str, source: str = "shop", split: str = "train") -> dict[str, str]:
    return {"source": source, "licence": "MIT", "split": split, "en": en, "pl": pl}


def test_a_sentence_of_the_dev_rows_is_never_trained_on() -> None:
    rows = [
        row("where is my order", "gdzie jest moje zamówienie"),
        row("Stop  the alarm", "wyłącz budzik"),
        row("switch the alarm off", "wyłącz budzik"),
        row("stop the alarm", "zatrzymaj alarm", split="dev"),
        row("turn it off", "Wyłącz Budzik", split="dev"),
    ]
    assert [pair.english for pair in split_pairs(rows).train] == ["where is my order"]


def test_an_excluded_source_gives_no_pair() -> None:
    rows = [row("a b", "c d", source="massive"), row("e f", "g h")]
    assert [pair.source for pair in split_pairs(rows, frozenset({"massive"})).train] == ["shop"]


def test_repeated_pairs_count_once_and_held_out_sentences_stay_out() -> None:
    rows = [row(f"sentence {number}", f"zdanie {number}", source="tatoeba_anki") for number in range(2000)] * 2
    split = split_pairs(rows)
    assert len(split.train) + len(split.held_out) == 2000
    assert 25 <= len(split.held_out) <= 75  # one in 40
    assert not {pair.english for pair in split.train} & {pair.english for pair in split.held_out}


def test_quantised_rows_are_within_half_a_step_of_the_originals() -> None:
    table = np.random.default_rng(3).normal(size=(50, 16)).astype(np.float32) * np.logspace(-3, 3, 50)[:, None]
    table[7] = 0
    quantised, scale = quantise_rows(table.astype(np.float32))
    error = np.abs(quantised * scale[:, None] - table)
    assert (error <= np.abs(table).max(axis=1, keepdims=True) / 254 * 1.001).all()
    assert quantised.dtype == np.int8
    assert not quantised[7].any()


def test_the_tokenizer_folds_polish_and_keeps_codes_whole() -> None:
    tokenizer = train_tokenizer(["Błąd E18 na wyświetlaczu pralki i zmywarki"] * 30, 60)
    assert tokenizer.encode("ŁÓDŹ").ids == tokenizer.encode("lodz").ids
    assert tokenizer.encode("E18").ids == tokenizer.encode("E 18").ids
    assert tokenizer.encode("i").tokens == ["▁i"]


def test_other_forms_are_inflections_of_the_same_word() -> None:
    forms = other_forms(["lodówkę", "reklamacji", "e18", "washing"])
    assert {"lodówka", "lodówce", "lodówkami"} <= set(forms["lodówkę"])
    assert "reklamacja" in forms["reklamacji"]
    assert "lodówkę" not in forms["lodówkę"]
    assert forms.keys() == {"lodówkę", "reklamacji"}


@pytest.fixture
def words() -> Tokenizer:
    vocabulary = {"[UNK]": 0, "zepsuta": 1, "zepsutej": 2, "pralka": 3}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def test_a_batch_holds_the_sub_words_of_its_sentences_in_order(words: Tokenizer) -> None:
    bags = WordBags(["pralka zepsuta", "", "zepsutej"], words, {})
    tokens, starts = bags.batch(np.array([2, 1, 0]), np.random.default_rng(0))
    assert tokens.tolist() == [2, 3, 1]
    assert starts.tolist() == [0, 1, 1]


def test_swapping_every_word_changes_only_those_that_have_forms(words: Tokenizer) -> None:
    bags = WordBags(["pralka zepsuta"], words, {"zepsuta": ["zepsutej"]})
    swapped, _ = bags.batch(np.array([0]), np.random.default_rng(0), swap=1.0)
    untouched, _ = bags.batch(np.array([0]), np.random.default_rng(0))
    assert swapped.tolist() == [3, 2]
    assert untouched.tolist() == [3, 1]


def test_dropping_every_word_leaves_empty_sentences(words: Tokenizer) -> None:
    bags = WordBags(["pralka zepsuta", "pralka"], words, {})
    tokens, starts = bags.batch(np.array([0, 1]), np.random.default_rng(0), drop=1.0)
    assert tokens.tolist() == []
    assert starts.tolist() == [0, 0]


def test_measures_agree_with_cases_worked_out_by_hand() -> None:
    eye = np.eye(3, dtype=np.float32)
    assert translation_accuracy(eye, eye[[0, 2, 1]]) == pytest.approx(33.33)
    # cosines 1, 0.6, 0 against scores 5, 1, 3: ranks 3 2 1 and 3 1 2, so rho = 1 - 6 * 2 / (3 * 8) = 0.5
    second = np.array([[1, 0, 0], [0.8, 0.6, 0], [1, 0, 0]], dtype=np.float32)
    assert similarity_correlation(eye, second, [5, 1, 3]) == pytest.approx(50.0)


def test_few_shot_classification_separates_what_is_separable() -> None:
    rng = np.random.default_rng(1)
    labels = ["return"] * 20 + ["repair"] * 20
    points = np.repeat(np.eye(2), 20, axis=0).astype(np.float32)
    noise = rng.normal(size=points.shape).astype(np.float32)
    assert few_shot_accuracy(points, labels, points, labels) == {"accuracy": 100.0, "deviation": 0.0}
    assert few_shot_accuracy(noise, labels, noise, labels)["accuracy"] < 80


def test_sentence_transformers_gives_the_same_vectors(tmp_path: Path) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    texts = ["Pralka nie odpompowuje wody", "the washer does not drain", "zwrot"]
    tokenizer = train_tokenizer(texts * 30, 60)
    table = np.random.default_rng(5).normal(size=(tokenizer.get_vocab_size(), 8)).astype(np.float32)
    write_encoder(tmp_path / "tiny", table, tokenizer)
    export_sentence_transformers(tmp_path / "tiny", tmp_path / "exported")
    exported = sentence_transformers.SentenceTransformer(str(tmp_path / "exported"), device="cpu")
    ours = StaticEncoder.load(tmp_path / "tiny").encode(texts)
    np.testing.assert_allclose(exported.encode(texts), ours, atol=1e-5)
    assert dequantised(tmp_path / "tiny").shape == table.shape


def test_an_untrained_tokenizer_already_folds() -> None:
    assert untrained_tokenizer().normalizer.normalize_str("Żółć ŁĄKA") == "zolc laka"
