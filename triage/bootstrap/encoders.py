"""Which encoder turns texts into vectors: the shipped one, or the one a setting names."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from triage.adapters.models.static_encoder import StaticEncoder
from triage.config import Settings
from triage.errors import ModelUnavailable
from triage.ports import Encoder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChosenEncoder:
    """The encoder in use, and why it is not the one that was asked for (empty when it is)."""

    encoder: Encoder
    degraded: str = ""


def load_encoder(settings: Settings) -> ChosenEncoder:
    """Load the configured encoder; a missing one falls back to the shipped one at once, and says so."""
    if settings.encoder == "shipped":
        return ChosenEncoder(StaticEncoder.load())
    from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder

    try:
        return ChosenEncoder(SentenceTransformerEncoder(settings.encoder))
    except ModelUnavailable as exc:
        logger.warning("encoder unavailable", extra={"action": "encoder_fallback", "encoder": settings.encoder})
        return ChosenEncoder(StaticEncoder.load(), f"encoder: {exc}")
