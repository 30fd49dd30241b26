"""An encoder that needs no weights: words and their beginnings, hashed into a few dimensions."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.domain.folding import fold


class HashingEncoder:
    """Texts that share words are near each other; nothing is learnt.

    >>> float(np.linalg.norm(HashingEncoder().encode(["zwrot pralki"])[0]).round(3))
    1.0
    """

    def __init__(self, name: str = "hashing-64", dim: int = 64) -> None:
        self.name = name
        self.dim = dim

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (n, dim), rows of length one; all zeros for a text without a word."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in fold(text).split():
                for part in (word, word[:5]):
                    digest = zlib.crc32(part.encode())
                    vectors[row, digest % self.dim] += 1.0 if digest & 1 << 20 else -1.0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same as :meth:`encode`."""
        return self.encode(texts)
