"""A transformer encoder: fast refusal without a hub, and the right prefixes."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from triage.adapters.models import sentence_encoder
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder, hub_answers
from triage.errors import ModelUnavailable


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_hub_that_never_answers_is_given_up_within_a_second(silent_port: int) -> None:
    started = time.perf_counter()
    assert not hub_answers(f"http://127.0.0.1:{silent_port}")
    assert time.perf_counter() - started < 1


def test_a_hub_that_answers_anything_is_there() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.handle_request, daemon=True).start()
    assert hub_answers(f"http://127.0.0.1:{server.server_port}", patience=5)  # 501, but alive
    server.server_close()


def test_a_missing_model_without_a_hub_is_refused_before_torch_is_imported(silent_port: int) -> None:
    program = f"""
import sys, time
import huggingface_hub.constants as constants
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.errors import ModelUnavailable
constants.ENDPOINT, constants.HF_HUB_OFFLINE = "http://127.0.0.1:{silent_port}", False
started = time.perf_counter()
try:
    SentenceTransformerEncoder("nobody/no-such-model-e5")
except ModelUnavailable as error:
    print(time.perf_counter() - started < 1, "torch" in sys.modules, "no-such-model" in str(error))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "True"]


@pytest.mark.parametrize("name", ["/no/such/directory", "./nowhere", "a/b/c/d"])
def test_a_directory_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ModelUnavailable):
        SentenceTransformerEncoder(name)


class Recorder:
    """Stands for a loaded model: remembers the texts it was given."""

    def __init__(self, **prompts: str) -> None:
        self.texts: list[str] = []
        self.prompts = {"query": "", "document": "", **prompts}

    def get_embedding_dimension(self) -> int:
        return 2

    def encode(self, texts: list[str], prompt: str | None = None, **_: object) -> np.ndarray:
        assert prompt == "", "sentence-transformers would put its own default before the text"
        self.texts += texts
        return np.tile(np.array([0.6, 0.8], dtype=np.float32), (len(texts), 1))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("intfloat/multilingual-e5-small", ["query: zwrot", "passage: zwrot"]),
        ("someone/mmlw-e5-base", ["query: zwrot", "passage: zwrot"]),
        ("BAAI/bge-m3", ["zwrot", "zwrot"]),
        ("BAAI/bge-base-en-v1.5", ["Represent this sentence for searching relevant passages: zwrot", "zwrot"]),
        ("sdadas/mmlw-retrieval-roberta-base", ["zapytanie: zwrot", "zwrot"]),
        ("nomic-ai/nomic-embed-text-v1.5", ["search_query: zwrot", "search_document: zwrot"]),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", ["query: zwrot", "zwrot"]),
        (
            "Snowflake/snowflake-arctic-embed-m",
            ["Represent this sentence for searching relevant passages: zwrot", "zwrot"],
        ),
        ("someone/base5-model", ["zwrot", "zwrot"]),
    ],
)
def test_models_are_asked_as_they_were_trained(name: str, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    encoder = encoder_over(recorder, name, monkeypatch)
    encoder.encode_queries(["zwrot"])
    vectors = encoder.encode(["  ", "zwrot"])
    assert recorder.texts == asked
    np.testing.assert_allclose(vectors, np.array([[0, 0], [0.6, 0.8]], dtype=np.float32))


def test_an_instructed_e5_is_told_what_the_question_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    encoder = encoder_over(recorder, "intfloat/multilingual-e5-large-instruct", monkeypatch)
    encoder.encode_queries(["zwrot"])
    encoder.encode(["zwrot"])
    assert recorder.texts[0].startswith("Instruct: ")
    assert recorder.texts[0].endswith("\nQuery: zwrot")
    assert recorder.texts[1] == "zwrot"


def test_prompts_in_a_models_own_files_come_before_those_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(query="pytanie: ", passage="tekst: ")
    encoder = encoder_over(recorder, "/models/my-e5-small", monkeypatch)
    encoder.encode_queries(["zwrot"])
    encoder.encode(["zwrot"])
    assert recorder.texts == ["pytanie: zwrot", "tekst: zwrot"]


def encoder_over(recorder: Recorder, name: str, monkeypatch: pytest.MonkeyPatch) -> SentenceTransformerEncoder:
    """An encoder of this name over a recorder."""
    monkeypatch.setattr(sentence_encoder, "_load", lambda _: recorder)
    monkeypatch.setattr(sentence_encoder, "model_identity", lambda name, called: called or name)
    return SentenceTransformerEncoder(name)
