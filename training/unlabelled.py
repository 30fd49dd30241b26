"""What past tickets are good for whose categories nobody gave."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext

from knowledge_base.passage import Encoder
from training.encoders import RememberingEncoder
from training.sixteen_bits import in_16_bits
from triage.adapters.models.history_encoder import HistoryEncoder
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.twins import Twin

Train = Callable[[Encoder, Sequence[Twin] | None, Sequence[str]], LinearClassifier]
"""Trains with an encoder, its twins where it was fine-tuned, and past texts to teach itself on."""


def with_or_without_history(
    history: Sequence[str], encoder: Encoder, twins: Sequence[Twin] | None, train: Train
) -> LinearClassifier:
    """Train with an encoder as it is and with one that has read the history; keep what was right more often.

    Which of them it was, labelled tickets say while they are held out; where both were, the one without a history. But
    a model that taught itself on the history is kept unless it was wrong more often by more than those few tickets may
    err: of 739 other tickets (``dev_tickets_2.jsonl``) such models got 6 to 11 points more right in five of five trials
    with eight seed tickets of each category, and in one of them the labelled tickets said the opposite.

    Args:
        history: texts without personal data; empty for a desk that has none.
    """
    if not any(text.strip() for text in history):
        return train(encoder, twins, ())
    if twins is not None:
        encoder = RememberingEncoder(encoder)
        twins = [Twin(RememberingEncoder(twin.encoder), twin.judged) for twin in twins]
    without = train(encoder, twins, ())
    with in_16_bits() if twins is not None else nullcontext():  # as it was fine-tuned; they are kept in half precision
        read = twins and [Twin(HistoryEncoder.reading(history, twin.encoder), twin.judged) for twin in twins]
        reader = HistoryEncoder.reading(history, encoder)
    reading = train(reader, read, history)
    least = without.held_out.accuracy
    if reading.taught_itself:
        least -= math.sqrt(least * (1 - least) / without.held_out.n)
    return reading if reading.held_out.accuracy > least else without
