"""What past tickets are good for whose categories nobody gave."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knowledge_base.passage import Encoder
from triage.adapters.models.history_encoder import HistoryEncoder
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.twins import Twin

Train = Callable[[Encoder, Sequence[Twin] | None], LinearClassifier]
"""Trains with an encoder and, where that was fine-tuned, its twins."""


def with_or_without_history(
    history: Sequence[str], encoder: Encoder, twins: Sequence[Twin] | None, train: Train
) -> LinearClassifier:
    """Train with an encoder as it is and with one that has read the history; keep what was right more often.

    Which of them it was, labelled tickets say while they are held out; where both were, the one without a history.

    Args:
        history: texts without personal data; empty for a desk that has none.
    """
    without = train(encoder, twins)
    if not any(text.strip() for text in history):
        return without
    read = twins and [Twin(HistoryEncoder.reading(history, twin.encoder), twin.judged) for twin in twins]
    reading = train(HistoryEncoder.reading(history, encoder), read)
    return reading if reading.held_out.accuracy > without.held_out.accuracy else without
