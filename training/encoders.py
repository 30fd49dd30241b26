"""Open the encoder named on a command line."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.passage import Encoder
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.adapters.models.static_encoder import SHIPPED, StaticEncoder


def open_encoder(name: str) -> Encoder:
    """The shipped encoder, a folder with a static encoder, or any sentence-transformers model.

    Args:
        name: ``shipped``, a folder, or a hub name.
    """
    folder = SHIPPED if name == "shipped" else Path(name)
    if (folder / "manifest.json").exists() or name == "shipped":
        return StaticEncoder.load(folder)
    return SentenceTransformerEncoder(name)
