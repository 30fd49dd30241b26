"""An encoder that has read a desk's tickets without their categories: each text is drawn to those it resembles there.

Customers say one thing in many ways. A text's own vector is moved to the mean of its nearest neighbours among past
tickets, so that what is said often weighs more than how one person happened to say it. No category is needed, and none
is learnt: a head taught ten examples of each reads the moved vectors as it would read any.

Chosen on draws of five and ten examples of each MASSIVE (English) and CLINC150 intent with 10,000 texts as history,
where it moved accuracy by +2.1 and +0.8 points and by -0.2 and -0.8: whether it helps is the desk's own, so a head
trained with a history is always judged beside one trained without.

Source: Wu et al. 2019, "Simplifying Graph Convolutional Networks" (one averaging over neighbours, then a linear head);
Arandjelović & Zisserman 2012, "Three things everyone should know to improve object retrieval" (vectors of a collection
replaced by the mean with their neighbours).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Self

import numpy as np

from knowledge_base.passage import Encoder, FloatArray

NEIGHBOURS = 10
#: How fast a neighbour's weight falls with its distance.
SHARPNESS = 10.0
#: Weight of the mean of the neighbours beside the text's own vector.
PULL = 1.0
#: More texts of the history than these say nothing new, and each ticket is compared with all that are kept.
MOST_KEPT = 10_000
_ITSELF = 0.9999  # cosine from which on a neighbour is the text itself, which would say nothing
_TEXTS_AT_ONCE = 512


class HistoryEncoder:
    """Vectors of another encoder, drawn to their neighbours in a history.

    Args:
        encoder: makes the vectors.
        history: of past tickets by ``encoder``, shape (n, dim), rows of length one, n >= 1; read at half precision, as
            a saved model keeps them.
    """

    def __init__(self, encoder: Encoder, history: FloatArray) -> None:
        kept = np.ascontiguousarray(history.astype(np.float16))
        self.encoder = encoder
        self.history = kept.astype(np.float32)
        self.name = f"{encoder.name}+history-{hashlib.sha256(kept.tobytes()).hexdigest()[:12]}"
        self.dim = encoder.dim

    @classmethod
    def reading(cls, texts: Sequence[str], encoder: Encoder, *, seed: int = 0) -> Self:
        """Read a history: each text once, ``MOST_KEPT`` of them at most, drawn by chance."""
        distinct = sorted(set(texts))
        drawn = np.sort(np.random.default_rng(seed).permutation(len(distinct))[:MOST_KEPT])
        vectors = encoder.encode([distinct[row] for row in drawn])
        return cls(encoder, vectors[np.abs(vectors).sum(axis=1) > 0])

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Vectors drawn to their neighbours: float32, shape (n, dim), rows of length one; zeros stay zeros."""
        return self.drawn(self.encoder.encode(texts))

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """The same of vectors of queries."""
        return self.drawn(self.encoder.encode_queries(texts))

    def drawn(self, vectors: FloatArray) -> FloatArray:
        """Vectors of the other encoder drawn to their neighbours: float32, shape (n, dim)."""
        drawn = vectors.copy()
        for start in range(0, len(vectors), _TEXTS_AT_ONCE):
            own = vectors[start : start + _TEXTS_AT_ONCE]
            moved = own + np.float32(PULL) * self._mean_of_neighbours(own)
            length = np.linalg.norm(moved, axis=1, keepdims=True)
            unknown = ~own.any(axis=1, keepdims=True)
            drawn[start : start + _TEXTS_AT_ONCE] = np.where(
                unknown | (length == 0), own, moved / np.maximum(length, 1e-9)
            )
        return drawn

    def _mean_of_neighbours(self, vectors: FloatArray) -> FloatArray:
        """Weighted mean of the nearest rows of the history: float32, shape (n, dim)."""
        cosine = vectors @ self.history.T  # (n, n_history)
        cosine[cosine > _ITSELF] = -1.0
        few = min(NEIGHBOURS, cosine.shape[1])
        nearest = np.argpartition(-cosine, few - 1, axis=1)[:, :few]
        weight = np.exp(SHARPNESS * (np.take_along_axis(cosine, nearest, axis=1) - 1.0))
        weight /= weight.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("nk,nkd->nd", weight, self.history[nearest]), dtype=np.float32)
