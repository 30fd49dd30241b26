"""Two encoders side by side: what a head reads from one, and what a transformer fine-tuned on the tickets adds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.onnx_encoder import OnnxEncoder, OnnxFiles


class PairedEncoder:
    """Vectors of an encoder, and after them those of a fine-tuned transformer.

    Args:
        encoder: makes the first ``encoder.dim`` columns.
        transformer: the exported transformer, kept with the trained model.
    """

    def __init__(self, encoder: Encoder, transformer: OnnxFiles) -> None:
        self.encoder, self.transformer = encoder, transformer
        self._reader = OnnxEncoder(transformer, threads=1)  # more would wait for one another over a dozen sub-words
        self.name = f"{encoder.name}+transformer-{hashlib.sha256(transformer.model).hexdigest()[:12]}"
        self.dim = encoder.dim + self._reader.dim

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Vectors: float32, shape (n, dim); each of the two parts of a row has length one, or zero for a blank text."""
        return np.hstack([self.encoder.encode(texts), self._reader.encode(texts)])

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """The same of vectors of queries."""
        return np.hstack([self.encoder.encode_queries(texts), self._reader.encode_queries(texts)])
