"""From texts to the numbers the linear head reads: n-grams of the folded text beside the embedding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.linear.counting import NgramCounts
from triage.adapters.models.linear.ngrams import Entries, Kind, NgramBlock, Rows, matrix_of
from triage.domain.folding import fold

MAX_NGRAMS: dict[Kind, int] = {"word": 120_000, "spread": 300_000, "char": 120_000}
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


@dataclass(frozen=True, slots=True)
class CountedTexts:
    """Texts to learn vocabularies from: all of them, or any part."""

    prepared: tuple[str, ...]
    words: NgramCounts
    chars: NgramCounts

    @classmethod
    def of(cls, texts: Sequence[str], word_kind: Kind = "word") -> CountedTexts:
        """Fold texts and count their n-grams."""
        prepared = tuple(map(prepare, texts))
        return cls(prepared, NgramCounts.of(word_kind, prepared), NgramCounts.of("char", prepared))

    def take(self, rows: NDArray[np.intp]) -> CountedTexts:
        """Some of the texts, in the given order."""
        prepared = tuple(self.prepared[row] for row in rows)
        return CountedTexts(prepared, self.words.take(rows), self.chars.take(rows))


class FeatureExtractor:
    """Turns texts into features with a learnt vocabulary and an encoder."""

    def __init__(self, words: NgramBlock, chars: NgramBlock, encoder: Encoder) -> None:
        self.words = words
        self.chars = chars
        self.encoder = encoder

    @classmethod
    def learn(cls, counted: CountedTexts, encoder: Encoder, *, min_df: int) -> tuple[FeatureExtractor, Rows]:
        """Learn the vocabularies from counted texts; n-grams of fewer than ``min_df`` texts are not kept.

        Returns:
            The extractor, and the n-gram rows of the texts, as in :attr:`Features.ngrams`.
        """
        words, in_words = counted.words.learn(min_df=min_df, max_features=MAX_NGRAMS[counted.words.kind])
        chars, in_chars = counted.chars.learn(min_df=min_df, max_features=MAX_NGRAMS["char"])
        n_words, n_chars = len(words.vocabulary), len(chars.vocabulary)
        both = _side_by_side(in_words, in_chars, n_words)
        return cls(words, chars, encoder), matrix_of(both, (len(counted.prepared), n_words + n_chars))

    @classmethod
    def fit(cls, texts: Sequence[str], encoder: Encoder, *, min_df: int = 2) -> FeatureExtractor:
        """Learn the vocabularies from texts; n-grams of fewer than ``min_df`` texts are not kept."""
        return cls.learn(CountedTexts.of(texts), encoder, min_df=min_df)[0]

    def column_scale(self, word_weight: float, dense_weight: float) -> FloatArray:
        """Weight of each column beside the character n-grams, whose weight is 1."""
        sizes = (len(self.words.vocabulary), len(self.chars.vocabulary), self.encoder.dim)
        return np.repeat(np.array([word_weight, 1.0, dense_weight], dtype=np.float32), sizes)

    def transform(self, texts: Sequence[str]) -> Features:
        """Features of texts, in order."""
        return self.beside(tuple(map(prepare, texts)), self.encoder.encode(texts))

    def beside(self, prepared: tuple[str, ...], embedding: FloatArray) -> Features:
        """Features of folded texts whose embedding is known."""
        n_words, n_chars = len(self.words.vocabulary), len(self.chars.vocabulary)
        both = _side_by_side(self.words.entries(prepared), self.chars.entries(prepared), n_words)
        return Features(prepared, matrix_of(both, (len(prepared), n_words + n_chars)), embedding)


def _side_by_side(left: Entries, right: Entries, width: int) -> Entries:
    """Two blocks of the same rows as one, ``left`` being ``width`` columns wide."""
    rows = np.concatenate([left.rows, right.rows])
    order = np.argsort(rows, kind="stable")
    columns = np.concatenate([left.columns, right.columns + np.int32(width)])
    return Entries(rows[order], columns[order], np.concatenate([left.values, right.values])[order])
