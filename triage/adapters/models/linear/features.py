"""From texts to the numbers the linear head reads: n-grams of the folded text beside the embedding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge_base.passage import Encoder
from triage.adapters.models.linear.ngrams import NgramBlock, Rows
from triage.domain.folding import fold

MAX_NGRAMS = 120_000
_DIGIT = re.compile(r"[0-9]")


def prepare(text: str) -> str:
    """Fold a text for its n-grams; digits become 0, so that numbers and dates are shapes, not memories.

    The result has the same length as the text, so places in one are places in the other.

    >>> prepare("Błąd E18 z 3.11")
    'blad e00 z 0.00'
    """
    return _DIGIT.sub("0", fold(text))


@dataclass(frozen=True, slots=True)
class Features:
    """Features of n texts.

    Attributes:
        ngrams: shape (n, n_words + n_chars), the word block first, each block's rows of length one.
        embedding: float32, shape (n, dim), rows of length one.
    """

    ngrams: Rows
    embedding: NDArray[np.float32]

    def stacked(self, dense_weight: float) -> Rows:
        """One matrix for a trainer, the embedding scaled by ``dense_weight``."""
        dense = sparse.csr_matrix(self.embedding * np.float32(dense_weight))
        return sparse.csr_matrix(sparse.hstack([self.ngrams, dense], format="csr", dtype=np.float32))


class FeatureExtractor:
    """Turns texts into features with a learnt vocabulary and an encoder."""

    def __init__(self, words: NgramBlock, chars: NgramBlock, encoder: Encoder) -> None:
        self.words = words
        self.chars = chars
        self.encoder = encoder

    @classmethod
    def fit(cls, texts: Sequence[str], encoder: Encoder, *, min_df: int = 2) -> FeatureExtractor:
        """Learn the vocabularies from texts; n-grams of fewer than ``min_df`` texts are not kept."""
        prepared = [prepare(text) for text in texts]
        words = NgramBlock.fit("word", prepared, min_df=min_df, max_features=MAX_NGRAMS)
        chars = NgramBlock.fit("char", prepared, min_df=min_df, max_features=MAX_NGRAMS)
        return cls(words, chars, encoder)

    def transform(self, texts: Sequence[str]) -> Features:
        """Features of texts, in order."""
        return Features(self.ngrams(texts), self.encoder.encode(texts))

    def ngrams(self, texts: Sequence[str]) -> Rows:
        """The n-gram part alone: float32, shape (n, n_words + n_chars)."""
        prepared = [prepare(text) for text in texts]
        both = [self.words.transform(prepared), self.chars.transform(prepared)]
        return sparse.csr_matrix(sparse.hstack(both, format="csr", dtype=np.float32))
