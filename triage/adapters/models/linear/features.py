"""From texts to the numbers the linear head reads: n-grams of the folded text beside the embedding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.linear.ngrams import Entries, NgramBlock, Rows, matrix_of
from triage.domain.folding import fold

MAX_NGRAMS = 120_000
_DIGIT = re.compile(r"[0-9]")
_PLACEHOLDER = re.compile(r"⟦([A-Z_]+)_[0-9]+(?:·[A-Za-z0-9]+)?⟧")


def prepare(text: str) -> str:
    """Fold a text for its n-grams; digits become 0, so that numbers and dates are shapes, not memories.

    The result has the same length as the text, so places in one are places in the other.

    What redaction put in place of personal data becomes its kind: the token in it is drawn anew for every ticket.

    >>> prepare("Błąd E18 z 3.11")
    'blad e00 z 0.00'
    >>> prepare("Tu ⟦PERSON_1·k3f9⟧.")
    'tu person·········.'
    """
    return _DIGIT.sub("0", fold(_PLACEHOLDER.sub(_kind_of_placeholder, text)))


def _kind_of_placeholder(match: re.Match[str]) -> str:
    return match[1].ljust(len(match[0]), "·")


@dataclass(frozen=True, slots=True)
class Features:
    """Features of n texts.

    Attributes:
        prepared: the folded texts.
        ngrams: shape (n, n_words + n_chars), the word block first, each block's rows of length one.
        embedding: float32, shape (n, dim), rows of length one.
    """

    prepared: tuple[str, ...]
    ngrams: Rows
    embedding: FloatArray

    def __getitem__(self, rows: NDArray[np.intp]) -> Features:
        """The features of some of the texts."""
        return Features(tuple(self.prepared[row] for row in rows), self.ngrams[rows], self.embedding[rows])

    def stacked(self, scale: FloatArray) -> Rows:
        """One matrix for a trainer, its columns multiplied by ``scale``, shape (n_ngrams + dim,)."""
        both = sparse.hstack([self.ngrams, sparse.csr_matrix(self.embedding)], format="csr", dtype=np.float32)
        both.data *= scale[both.indices]
        return sparse.csr_matrix(both)


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

    def column_scale(self, word_weight: float, dense_weight: float) -> FloatArray:
        """Weight of each column beside the character n-grams, whose weight is 1."""
        sizes = (len(self.words.vocabulary), len(self.chars.vocabulary), self.encoder.dim)
        return np.repeat(np.array([word_weight, 1.0, dense_weight], dtype=np.float32), sizes)

    def transform(self, texts: Sequence[str]) -> Features:
        """Features of texts, in order."""
        prepared = tuple(map(prepare, texts))
        n_words, n_chars = len(self.words.vocabulary), len(self.chars.vocabulary)
        both = _side_by_side(self.words.entries(prepared), self.chars.entries(prepared), n_words)
        return Features(prepared, matrix_of(both, (len(texts), n_words + n_chars)), self.encoder.encode(texts))


def _side_by_side(left: Entries, right: Entries, width: int) -> Entries:
    """Two blocks of the same rows as one, ``left`` being ``width`` columns wide."""
    rows = np.concatenate([left.rows, right.rows])
    order = np.argsort(rows, kind="stable")
    columns = np.concatenate([left.columns, right.columns + np.int32(width)])
    return Entries(rows[order], columns[order], np.concatenate([left.values, right.values])[order])
