"""All vectors of passages: of the whole, of its names and of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from knowledge_base.dense import Segments
from knowledge_base.hybrid.texts import dense_text, names_and_sentences
from knowledge_base.passage import Encoder, FloatArray, Passage

_BATCH: Final = 512


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Vectors of passages in order.

    Attributes:
        whole: float32 of shape (n_passages, dim).
        segments: of their names and sentences.
    """

    whole: FloatArray
    segments: Segments

    @classmethod
    def encode(cls, passages: Sequence[Passage], encoder: Encoder) -> Self:
        """Compute them."""
        batches = [passages[first : first + _BATCH] for first in range(0, len(passages), _BATCH)]
        whole = [encoder.encode([dense_text(passage) for passage in batch]) for batch in batches]
        segments = [Segments.encode([names_and_sentences(passage) for passage in batch], encoder) for batch in batches]
        empty = Segments.encode([], encoder)
        return cls(np.concatenate([np.zeros((0, encoder.dim), np.float32), *whole]), Segments.join([empty, *segments]))

    @classmethod
    def join(cls, parts: Sequence[PassageVectors]) -> Self:
        """Those of several documents; at least one."""
        return cls(np.concatenate([part.whole for part in parts]), Segments.join([part.segments for part in parts]))

    def part(self, first: int, count: int) -> PassageVectors:
        """Those of ``count`` passages from ``first`` on."""
        return PassageVectors(self.whole[first : first + count], self.segments.part(first, count))
