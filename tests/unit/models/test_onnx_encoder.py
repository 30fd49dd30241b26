"""A transformer exported to ONNX gives PyTorch's vectors, is made once, and is refused when it was changed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_models import tiny_sentence_encoder
from triage.adapters.models import onnx_export
from triage.adapters.models.joint_encoder import JointEncoder
from triage.adapters.models.onnx_encoder import OnnxEncoder
from triage.adapters.models.onnx_export import open_onnx
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge
from triage.config import Settings
from triage.errors import ModelTampered, ModelUnavailable
from triage.ports import Encoder

TEXTS = ["Pralka wywala E18.", "", "zwrot", "how long do we have to refund " * 20, "Żółta łódka 12-B?"]
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_sentence_encoder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def cache(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    open_onnx(str(model), folder)
    return folder


def test_vectors_are_pytorchs_up_to_eight_bits(model: Path, cache: Path) -> None:
    exported, reference = open_onnx(str(model), cache), SentenceTransformerEncoder(model)
    got, wanted = exported.encode(TEXTS), reference.encode(TEXTS)
    assert got.shape == wanted.shape == (5, 32)
    written = [0, 2, 3, 4]
    assert np.sum(got * wanted, axis=1)[written] == pytest.approx(np.ones(4), abs=0.02)
    assert np.linalg.norm(got, axis=1)[written] == pytest.approx(np.ones(4), abs=1e-5)
    assert not got[1].any()
    alone = np.concatenate([exported.encode([text]) for text in TEXTS])
    assert np.sum(got * alone, axis=1)[written] == pytest.approx(np.ones(4), abs=0.01)


def test_a_texts_vector_hardly_depends_on_the_texts_beside_it(cache: Path) -> None:
    [folder] = cache.iterdir()
    encoder = OnnxEncoder(folder)
    texts = [f"{'pralka ' * (number % 7 + 1)}{number}" for number in range(80)]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.sum(encoder.encode(texts) * alone, axis=1).min() > 0.99
    assert encoder.encode([]).shape == (0, 32)
    again = encoder.encode([*texts, "", *texts])
    np.testing.assert_array_equal(again[:80], again[81:])
    assert not again[80].any()


def test_it_is_exported_once_and_then_needs_no_torch(model: Path, cache: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from triage.adapters.models.onnx_export import open_onnx;"
        f"print(open_onnx({str(model)!r}, Path({str(cache)!r})).dim, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["32", "False"]


def test_a_changed_graph_is_refused(model: Path, cache: Path, tmp_path: Path) -> None:
    [folder] = cache.iterdir()
    copy = tmp_path / folder.name
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    content = (copy / "model.onnx").read_bytes()
    (copy / "model.onnx").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelTampered):
        OnnxEncoder(copy)
    (copy / "manifest.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(ModelUnavailable):
        OnnxEncoder(copy)


def test_an_export_that_points_elsewhere_is_refused_and_pytorch_serves(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "LEAST_COSINE", 1.01)
    chosen = load_encoder(Settings(data_dir=tmp_path, encoder=str(model)))
    assert isinstance(chosen.encoder, JointEncoder)
    assert isinstance(chosen.encoder.transformer, SentenceTransformerEncoder)
    assert "PyTorch" in chosen.degraded
    assert "differs too much" in chosen.degraded
    assert not list((tmp_path / "models" / "encoders").glob("*int8"))


def test_the_setting_searches_with_an_index_of_its_own(
    model: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.md").write_text("## Pompa\n\nBłąd E18 oznacza brak odpływu wody.")
    names = set()

    def encoders() -> tuple[Encoder, ...]:
        own = Settings(data_dir=tmp_path / "data", documents_dir=documents, encoder=str(model))
        chosen = load_encoder(own)
        assert isinstance(chosen.encoder, JointEncoder)
        assert isinstance(chosen.encoder.transformer, OnnxEncoder)
        assert "PyTorch" not in chosen.degraded
        return chosen.encoder, load_encoder(Settings(data_dir=tmp_path / "data")).encoder

    for encoder in encoders():
        knowledge = Knowledge.open(Settings(data_dir=tmp_path / "data", documents_dir=documents), encoder)
        names.add((knowledge.current().manifest.encoder, knowledge.generation))
    assert len({name for name, _ in names}) == len({generation for _, generation in names}) == 2
    again = Knowledge.open(Settings(data_dir=tmp_path / "data", documents_dir=documents), encoders()[0])
    assert again.generation in {generation for _, generation in names}
    assert again.report is None


def test_a_model_that_is_nowhere_falls_back_within_a_second_and_says_so(tmp_path: Path) -> None:
    load_encoder(Settings(data_dir=tmp_path))  # the shipped one's own first load is not what is timed
    started = time.perf_counter()
    chosen = load_encoder(Settings(data_dir=tmp_path, encoder="nobody/no-such-model"))
    assert time.perf_counter() - started < 1.5
    assert chosen.encoder.name.startswith("encoder-pl-en")
    assert "nobody/no-such-model" in chosen.degraded
