"""Any sentence-transformers model behind the encoder's contract, by directory or by hub name.

torch is imported on first use, and never before it is certain that the files are here or the hub answers:
left alone, sentence-transformers waits more than a minute for a hub that is not there.
"""

from __future__ import annotations

import hashlib
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.encoder_prompts import prompts_of
from triage.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

HUB_PATIENCE = 0.7  # seconds; a missing hub must be known within one
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
WEIGHT_FILES = ("*.safetensors", "pytorch_model*.bin")
SETTING_FILES = ("config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json")


class SentenceTransformerEncoder:
    """Sentence vectors from a transformer.

    Questions and passages get the prompts that the model was trained with (``encoder_prompts``).

    Args:
        model: a directory, or a hub name such as ``intfloat/multilingual-e5-small``.
        called: what a directory of another name holds.

    Raises:
        ModelUnavailable: not a directory, not in the local cache, and the hub does not answer.
    """

    def __init__(self, model: str | Path, *, called: str = "") -> None:
        self.model = _load(str(model))
        self.name = model_identity(str(model), called)
        self.dim = int(self.model.get_embedding_dimension())
        prompts = prompts_of(called or str(model), self.model.prompts)
        self.query_prefix, self.passage_prefix = prompts.query, prompts.passage

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages: float32, shape (n, dim), rows of length one; zeros for a blank text."""
        return self._encode(texts, self.passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries: float32, shape (n, dim), rows of length one; zeros for a blank text."""
        return self._encode(texts, self.query_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        written = [row for row, text in enumerate(texts) if text.strip()]
        if written:
            vectors[written] = self.model.encode(
                [prefix + texts[row] for row in written],
                prompt="",  # or it puts its own before it
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return vectors


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """Where an encoder's files are; nothing is loaded before ``load``.

    Attributes:
        identity: name and content.
        load: reads it into PyTorch.
    """

    identity: str
    load: Callable[[], SentenceTransformerEncoder]


def hub_answers(endpoint: str, patience: float = HUB_PATIENCE) -> bool:
    """Whether the model hub says anything at all within the given seconds.

    The question is put in a thread of its own: a name server that keeps silent knows no time-out.
    """
    answered = threading.Event()

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=patience).close()
        except urllib.error.HTTPError:
            answered.set()
        except (OSError, ValueError):
            return
        else:
            answered.set()

    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(patience)


def _load(model: str) -> SentenceTransformer:
    local = Path(model).is_dir()
    if not local:
        _require_cache_or_hub(model)
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(model, device="cpu", local_files_only=local or is_cached(model))
    except (OSError, ValueError, ImportError) as error:
        raise ModelUnavailable(f"Encoder {model!r} cannot be loaded: {error}") from error


def _require_cache_or_hub(model: str) -> None:
    """Raise unless the model is in the local cache or can be fetched."""
    if not HUB_NAME.fullmatch(model):
        raise ModelUnavailable(f"There is no directory {model!r}: give the encoder's directory or hub name.")
    if is_cached(model):
        return
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or not hub_answers(constants.ENDPOINT):
        raise ModelUnavailable(
            f"Encoder {model!r} is not on this machine and the model hub does not answer:"
            " copy the model here and give its directory."
        )


def is_cached(model: str) -> bool:
    """Whether a hub's model is on this machine."""
    return any(_snapshots(model).glob("*/config.json"))


def _snapshots(model: str) -> Path:
    # The hub library's own look-up imports its HTTP stack; a fast refusal cannot wait for that.
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"models--{model.replace('/', '--')}" / "snapshots"


def model_identity(model: str, called: str = "") -> str:
    """Name and content hash of a directory or file, or name and commit of a model from the hub; loads nothing.

    Args:
        model: a directory, a file, or a hub name.
        called: the name of a directory or file, if not its own.

    Raises:
        ModelUnavailable: no such directory, and the hub does not answer.
    """
    path = Path(model)
    if not path.is_dir() and not (called and path.is_file()):
        _require_cache_or_hub(model)
        commits = sorted(path.parent.name for path in _snapshots(model).glob("*/config.json"))
        return f"{model}-{commits[-1][:12] if commits else 'unknown'}"
    digest = hashlib.sha256()
    for part in _parts(path):
        with part.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{called or path.resolve().name}-{digest.hexdigest()[:12]}"


def _parts(model: Path) -> list[Path]:
    """The files that make a model what it is."""
    if model.is_file():
        return [model]
    return [path for pattern in (*WEIGHT_FILES, *SETTING_FILES) for path in sorted(model.rglob(pattern))]
