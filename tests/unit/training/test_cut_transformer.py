"""A small transformer is cut out of the packed file with the file's own numbers, and unpacked to be taught."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.packed_models import FEED_FORWARD, LAYERS, PIECES, WIDTH, packed_file
from training import cut_transformer
from training.shipped_transformer import SHIPPED_TRANSFORMER, unpack_transformer
from triage.adapters.models.packed_transformer import read_packed
from triage.errors import InvalidInput, ModelTampered, ModelUnavailable


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, NDArray[np.float32]]]:
    """Two of three layers cut out of a packed file by the program."""
    folder = tmp_path_factory.mktemp("cut")
    meant = packed_file(folder / "packed.bin")
    pair = {"source": "own", "licence": "CC0", "split": "train", "en": "refund washer", "pl": "zwrot pralka nie działa"}
    (folder / "pairs.jsonl").write_text(json.dumps(pair), encoding="utf-8")
    named = ["--packed", str(folder / "packed.bin"), "--pairs", str(folder / "pairs.jsonl")]
    cut_transformer.main([*named, "--layers", "2", "--vocabulary", "43", "--out", str(folder / "out")])
    return folder / "out", meant


def test_the_numbers_are_those_that_were_packed(tmp_path: Path) -> None:
    meant = packed_file(tmp_path / "packed.bin")
    packed = read_packed(tmp_path / "packed.bin")
    assert [piece for piece, _ in packed.pieces] == PIECES
    assert (packed.width, packed.layers, packed.feed_forward) == (WIDTH, LAYERS, FEED_FORWARD)
    for name in ("emb.word", "l0.q.w", "l2.fo.w", "l1.fi.w"):
        np.testing.assert_allclose(packed.matrices[name].values(), meant[name], rtol=1e-6)
    np.testing.assert_array_equal(packed.vectors["l1.aln.w"], meant["l1.aln.w"])
    (tmp_path / "other.bin").write_bytes(b"GGUF" + b"\0" * 64)
    with pytest.raises(InvalidInput, match="no packed model"):
        read_packed(tmp_path / "other.bin")


def test_what_was_cut_says_what_bert_with_the_packed_numbers_says(
    made: tuple[Path, dict[str, NDArray[np.float32]]], tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    folder, meant = made
    model = SentenceTransformer(str(unpack_transformer(tmp_path, folder)), device="cpu")
    assert model.tokenizer.tokenize("  zwrot\npralka") == ["▁zwrot", "▁pralka"]
    ids = [0, PIECES.index("▁zwrot"), PIECES.index("▁pralka"), 2]
    vector = by_hand(meant, ids, layers=2).mean(axis=0)
    np.testing.assert_allclose(model.encode(["zwrot pralka"])[0], vector, atol=2e-3)


def test_sub_words_that_the_texts_do_not_use_are_left_out(made: tuple[Path, dict[str, NDArray[np.float32]]]) -> None:
    vocabulary = json.loads((made[0] / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    kept = [piece for piece, _ in vocabulary]
    assert kept[:4] == PIECES[:4]
    assert "▁zwrot" in kept
    assert "▁日本" not in kept


def test_a_changed_or_missing_transformer_is_refused(
    made: tuple[Path, dict[str, NDArray[np.float32]]], tmp_path: Path
) -> None:
    for path in made[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelTampered, match=r"model\.safetensors"):
        unpack_transformer(tmp_path / "out", tmp_path)
    with pytest.raises(ModelUnavailable):
        unpack_transformer(tmp_path / "out", tmp_path / "nothing")


def test_the_shipped_one_reads_polish_and_fits_its_size(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(unpack_transformer(tmp_path)), device="cpu")
    assert sum(path.stat().st_size for path in SHIPPED_TRANSFORMER.iterdir()) < 15_000_000
    same, other = model.encode(["Pralka nie działa", "pralka nie działa"]), model.encode(["When is my parcel coming?"])
    assert model.tokenizer.unk_token not in model.tokenizer.tokenize("Zażółć gęślą jaźń, E18 – 100 %!")
    assert same[0] @ same[1] > same[0] @ other[0]


def by_hand(tensors: dict[str, NDArray[np.float32]], ids: list[int], layers: int) -> NDArray[np.float64]:
    """BERT's forward pass in numpy, in double precision: shape (n, WIDTH)."""
    from scipy.special import erf

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        x = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-12)
        return x * tensors[f"{name}.w"] + tensors[f"{name}.b"]

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ tensors[f"{name}.w"].T.astype(np.float64) + tensors[f"{name}.b"]

    x = norm(
        tensors["emb.word"][ids].astype(np.float64) + tensors["emb.pos"][: len(ids)] + tensors["emb.type"][0], "emb.ln"
    )
    for layer in range(layers):
        heads = [linear(x, f"l{layer}.{part}").reshape(len(ids), 4, -1).transpose(1, 0, 2) for part in "qkv"]
        score = heads[0] @ heads[1].transpose(0, 2, 1) / np.sqrt(WIDTH / 4)
        weight = np.exp(score - score.max(axis=2, keepdims=True))
        read = (weight / weight.sum(axis=2, keepdims=True)) @ heads[2]
        x = norm(x + linear(read.transpose(1, 0, 2).reshape(len(ids), WIDTH), f"l{layer}.ao"), f"l{layer}.aln")
        inner = linear(x, f"l{layer}.fi")
        x = norm(x + linear(inner * (1 + erf(inner / np.sqrt(2))) / 2, f"l{layer}.fo"), f"l{layer}.oln")
    return x
