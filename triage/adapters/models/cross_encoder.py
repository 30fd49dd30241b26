"""Re-ranking by a cross-encoder: it reads question and passage together, and is slow for it.

Only the first candidates of the fusion are read. Which of them answer at all stays the fusion's word, whose floor is
calibrated; the cross-encoder decides their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.adapters.models.sentence_encoder import model_identity
from triage.errors import ModelUnavailable

_BATCH: Final = 16


class CrossEncoderReranker:
    """Scores of a sentence-transformers cross-encoder, on this machine's processor.

    Args:
        model: a directory, or a hub name such as ``BAAI/bge-reranker-v2-m3``.

    Raises:
        ModelUnavailable: not a directory, not in the local cache, and the hub does not answer; or no cross-encoder.
    """

    def __init__(self, model: str) -> None:
        self.name = model_identity(model)  # refuses a model that is nowhere before torch is imported
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(model, device="cpu")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelUnavailable(f"Cross-encoder {model!r} cannot be loaded: {type(error).__name__}.") from error
        if self._model.config.num_labels != 1:
            raise ModelUnavailable(f"{model!r} gives {self._model.config.num_labels} scores for a pair, not one.")

    def scores(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """How well each passage answers: float32, shape (n,), higher is better."""
        pairs = [(query, passage) for passage in passages]
        found = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, dtype=np.float32).reshape(len(pairs))
