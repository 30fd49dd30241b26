"""The static encoder: what it computes, what it refuses, and what the shipped one knows."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from triage.adapters.models import static_encoder
from triage.adapters.models.static_encoder import SHIPPED, StaticEncoder
from triage.errors import ModelTampered, ModelUnavailable

WORDS = {"[UNK]": 0, "zwrot": 1, "pralki": 2, "refund": 3}
QUANTISED = np.array([[0, 0], [100, 0], [0, 50], [127, 0]], dtype=np.int8)
SCALE = np.array([1.0, 0.03, 0.08, 0.01], dtype=np.float32)


def write_manifest(directory: Path) -> None:
    files = {
        name: hashlib.sha256((directory / name).read_bytes()).hexdigest()
        for name in ("model.safetensors", "tokenizer.json")
    }
    (directory / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A three-word encoder whose vectors can be worked out by hand."""
    directory = tmp_path / "small"
    directory.mkdir()
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(directory / "tokenizer.json"))
    save_file({"embedding.quantised": QUANTISED, "embedding.scale": SCALE}, directory / "model.safetensors")
    write_manifest(directory)
    return directory


def test_a_text_is_the_normalised_sum_of_its_words(small: Path) -> None:
    # zwrot = (100 * .03, 0) = (3, 0); pralki = (0, 50 * .08) = (0, 4); their sum has length 5.
    vectors = StaticEncoder.load(small).encode(["Zwrot pralki", "zwrot zwrot pralki pralki", "refund"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [0.6, 0.8], [1.0, 0.0]], rtol=1e-6)


def test_a_text_without_a_known_word_is_the_zero_vector(small: Path) -> None:
    vectors = StaticEncoder.load(small).encode(["", "zwrot", "   ", "洗濯機"])
    np.testing.assert_allclose(vectors, [[0, 0], [1, 0], [0, 0], [0, 0]])


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    encoder = StaticEncoder.load()
    words = "Pralka nie odpompowuje wody, the washer shows E18 i dalej bez zmian".split()
    texts = [
        " ".join((words * 400)[start : start + length]) for start, length in enumerate((*range(60), 1500, 3000, 7))
    ]
    alone = np.concatenate([encoder._encode([text]) for text in texts])
    assert np.array_equal(encoder._encode(texts * 3), np.concatenate([alone] * 3))


def test_no_texts_give_no_rows(small: Path) -> None:
    assert StaticEncoder.load(small).encode([]).shape == (0, 2)


def test_a_text_asked_for_again_has_the_same_vector_whatever_was_asked_for_or_changed_between(small: Path) -> None:
    encoder, fresh = StaticEncoder.load(small), StaticEncoder.load(small)
    first = encoder.encode(["zwrot pralki", "refund", "zwrot pralki"])
    first[:] = 9
    for number in range(static_encoder.REMEMBERED):
        encoder.encode([f"pralki {number}"])
        encoder.encode(["refund", f"refund {number}"])
    again = encoder.encode(["refund", "zwrot pralki"])
    np.testing.assert_array_equal(again, fresh.encode(["refund", "zwrot pralki"]))
    assert len(encoder._last) <= static_encoder.REMEMBERED


def test_blocks_that_cut_texts_in_two_change_nothing(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = StaticEncoder.load(small)
    texts = ["zwrot " * 7 + "pralki " * 3, "", "pralki", "zwrot pralki " * 5] * 3
    whole = encoder.encode(texts)
    monkeypatch.setattr(static_encoder, "TEXTS_AT_ONCE", 5)
    monkeypatch.setattr(static_encoder, "TOKENS_AT_ONCE", 4)
    np.testing.assert_allclose(encoder.encode(texts), whole, atol=1e-6)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_changed_file_is_refused(small: Path, name: str) -> None:
    content = bytearray((small / name).read_bytes())
    content[-1] ^= 1
    (small / name).write_bytes(content)
    with pytest.raises(ModelTampered, match=name):
        StaticEncoder.load(small)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "manifest.json"])
def test_a_missing_file_is_named(small: Path, name: str) -> None:
    (small / name).unlink()
    with pytest.raises(ModelUnavailable, match=name):
        StaticEncoder.load(small)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": []}', '{"files": null}'])
def test_a_manifest_that_is_not_one_is_refused(small: Path, content: str) -> None:
    (small / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=r"manifest\.json"):
        StaticEncoder.load(small)


def test_a_manifest_must_cover_the_weights(small: Path) -> None:
    manifest = json.loads((small / "manifest.json").read_text())
    del manifest["files"]["model.safetensors"]
    (small / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelTampered, match=r"model\.safetensors"):
        StaticEncoder.load(small)


def test_a_manifest_cannot_point_outside_its_directory(small: Path) -> None:
    manifest = json.loads((small / "manifest.json").read_text())
    manifest["files"]["../secret"] = "0" * 64
    (small / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelTampered, match="elsewhere"):
        StaticEncoder.load(small)


def test_weights_that_do_not_fit_the_tokenizer_are_refused(small: Path) -> None:
    save_file(
        {"embedding.quantised": QUANTISED[:2].copy(), "embedding.scale": SCALE[:2].copy()}, small / "model.safetensors"
    )
    write_manifest(small)
    with pytest.raises(ModelUnavailable, match="2 vectors"):
        StaticEncoder.load(small)


def test_the_name_follows_the_content(small: Path) -> None:
    before = StaticEncoder.load(small).name
    assert StaticEncoder.load(small).name == before
    save_file({"embedding.quantised": QUANTISED, "embedding.scale": SCALE * np.float32(2)}, small / "model.safetensors")
    write_manifest(small)
    assert StaticEncoder.load(small).name != before


@pytest.fixture(scope="module")
def shipped() -> StaticEncoder:
    return StaticEncoder.load(SHIPPED)


def test_the_shipped_encoder_is_small_and_has_the_stated_dimension(shipped: StaticEncoder) -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 10_000_000
    assert shipped.dim == 256
    assert shipped.name.startswith("encoder-pl-en-")


def test_a_polish_sentence_is_nearest_to_its_english_translation(shipped: StaticEncoder) -> None:
    polish = [
        "Pralka nie odpompowuje wody.",
        "Kiedy dostanę zwrot pieniędzy?",
        "Chciałbym odstąpić od umowy.",
        "Hasło do konta nie działa.",
        "Paczka przyszła uszkodzona.",
    ]
    english = [
        "The washing machine does not drain the water.",
        "When will I get my money back?",
        "I would like to withdraw from the contract.",
        "My account password does not work.",
        "The parcel arrived damaged.",
    ]
    similarity = shipped.encode(polish) @ shipped.encode(english).T
    assert similarity.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_letter_case_and_diacritics_do_not_matter(shipped: StaticEncoder) -> None:
    with_marks, without = shipped.encode(["Żółta łódka uległa zniszczeniu", "zolta lodka ulegla ZNISZCZENIU"])
    np.testing.assert_array_equal(with_marks, without)


def test_queries_and_texts_share_one_space(shipped: StaticEncoder) -> None:
    np.testing.assert_array_equal(shipped.encode_queries(["gwarancja"]), shipped.encode(["gwarancja"]))


def test_a_very_long_text_is_one_unit_vector(shipped: StaticEncoder) -> None:
    (vector,) = shipped.encode(["reklamacja pralki " * 50_000])
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert float(vector @ shipped.encode(["reklamacja pralki"])[0]) == pytest.approx(1.0, abs=1e-4)


def test_loading_and_encoding_import_neither_torch_nor_transformers() -> None:
    program = (
        "import sys; from triage.adapters.models.static_encoder import StaticEncoder;"
        "StaticEncoder.load().encode(['pralka']);"
        "print(sorted({'torch', 'transformers', 'scipy', 'sklearn'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
