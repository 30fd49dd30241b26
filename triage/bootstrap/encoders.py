"""Which encoder turns texts into vectors: the shipped one, or the one a setting names."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge_base.passage import Encoder
from triage.adapters.models.static_encoder import StaticEncoder
from triage.config import Settings
from triage.errors import ModelUnavailable

if TYPE_CHECKING:  # the ports are large, and `triage search` is to start at once
    from triage.adapters.models.sentence_encoder import EncoderSource
    from triage.ports.library import Reranker

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChosenEncoder:
    """The encoder in use, and why it is not the one that was asked for (empty when it is)."""

    encoder: Encoder
    degraded: str = ""


def load_encoder(settings: Settings) -> ChosenEncoder:
    """Load the configured encoder: by ONNX Runtime where it can be exported, else by PyTorch, and says so.

    A missing one falls back to the shipped one at once.
    """
    if settings.encoder == "shipped":
        return ChosenEncoder(StaticEncoder.load())
    from triage.adapters.models.joint_encoder import JointEncoder
    from triage.adapters.models.packaged_encoders import find_encoder

    cache = settings.model_dir / "encoders"
    try:
        transformer, slower = _opened(find_encoder(settings.encoder), cache)
    except ModelUnavailable as exc:
        logger.warning("encoder unavailable", extra={"action": "encoder_fallback", "encoder": settings.encoder})
        return ChosenEncoder(StaticEncoder.load(), f"encoder: {exc}")
    encoder = JointEncoder(transformer, StaticEncoder.load(), cache)
    told = [f"encoder: {settings.encoder!r} runs by PyTorch, slower: {slower}"] if slower else []
    told += [
        f"encoder: {settings.encoder!r} cannot tell {language} texts apart: take one that knows {language}."
        for language in encoder.unknown_languages
    ]
    return ChosenEncoder(encoder, " ".join(told))


def _opened(source: EncoderSource, cache: Path) -> tuple[Encoder, str]:
    """An encoder by ONNX Runtime, else by PyTorch, and then why.

    Raises:
        ModelUnavailable: neither can load it.
    """
    from triage.adapters.models.onnx_export import open_export

    try:
        return open_export(source, cache), ""
    except ModelUnavailable as exc:
        return source.load(), str(exc)


def load_reranker(settings: Settings) -> tuple[Reranker | None, str]:
    """The configured cross-encoder, if any; a missing one leaves the fusion's order, and why is said."""
    if not settings.reranker:
        return None, ""
    from triage.adapters.models.cross_encoder import CrossEncoderReranker

    try:
        return CrossEncoderReranker(settings.reranker), ""
    except ModelUnavailable as exc:
        logger.warning("reranker unavailable", extra={"action": "reranker_missing", "encoder": settings.reranker})
        return None, f"re-ranking: {exc}"
