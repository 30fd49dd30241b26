"""Questions that ask nearly the same: their words meet (Jaccard of their search keys) or their meanings do (cosine).

The thresholds err on the side of two questions, because one too many merged hides the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from knowledge_base.errors import InvalidSearch
from knowledge_base.hybrid import Query, read_query, shared_words
from knowledge_base.passage import Encoder, FloatArray

_SAME_WORDS: Final = 0.6
_SAME_MEANING: Final = 0.8


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read."""

    query: Query
    vector: FloatArray

    @classmethod
    def of(cls, text: str, encoder: Encoder) -> Self | None:
        """Read a question; ``None`` where it is empty."""
        try:
            query = read_query(text)
        except InvalidSearch:
            return None
        return cls(query, encoder.encode_queries([query.text])[0])

    def alike(self, other: Asked) -> bool:
        """Whether another question asks nearly the same."""
        if set(self.query.codes) != set(other.query.codes):
            return False  # E18 and E10 are two questions, however alike they read
        if shared_words(other.query, self.query) >= _SAME_WORDS:
            return True
        return float(np.dot(self.vector, other.vector)) >= _SAME_MEANING
