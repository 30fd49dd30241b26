"""Sub-words of many pieces of texts in arrays: a piece that was split before is found by its hash, without a string."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer, pre_tokenizers

WORD_START: Final = "▁"
_WORDS_AT_ONCE: Final = 1024


@dataclass(frozen=True, slots=True)
class Split:
    """Sub-words of some pieces.

    Attributes:
        ids: of the first piece's sub-words, then of the second's …, intp of shape (n_ids,).
        counts: how many each has, intp of shape (n_pieces,).
    """

    ids: NDArray[np.intp]
    counts: NDArray[np.intp]

    @classmethod
    def of(cls, encoding: Encoding, n_words: int) -> Split:
        """Those of each word of a text."""
        counts = np.bincount(np.array(encoding.word_ids, np.intp), minlength=n_words)
        return cls(np.array(encoding.ids, np.intp), counts)

    @classmethod
    def join(cls, parts: Sequence[Split]) -> Split:
        """Those of all parts; at least one."""
        return cls(np.concatenate([part.ids for part in parts]), np.concatenate([part.counts for part in parts]))

    def of_each(self) -> list[tuple[int, ...]]:
        """Those of each piece."""
        ids, ends = self.ids.tolist(), np.cumsum(self.counts).tolist()
        return [tuple(ids[begin:end]) for begin, end in pairwise([0, *ends])]


class PieceSplitter:
    """Splits pieces that were not split yet."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def plain(self, pieces: Sequence[str]) -> Split:
        """Pieces of letters or digits, and marks: by the model alone, which leaves the interpreter to other threads."""
        text = [" ".join(pieces)]
        [encoding] = self._of_pieces.encode_batch_fast(text, add_special_tokens=False)
        ids = np.array(encoding.ids, np.intp)
        begins = np.flatnonzero(self._begins_word(ids))
        if len(begins) != len(pieces):  # a tokenizer to which the beginning of some word is unknown
            [encoding] = self._of_pieces.encode_batch(text, add_special_tokens=False)
            return Split.of(encoding, len(pieces))
        return Split(ids, np.diff(begins, append=len(ids)))

    def whole(self, words: Sequence[str]) -> Split:
        """Words with other characters, by the tokenizer itself."""
        batches = [words[first : first + _WORDS_AT_ONCE] for first in range(0, len(words), _WORDS_AT_ONCE)]
        encoded = (self._tokenizer.encode(batch, is_pretokenized=True, add_special_tokens=False) for batch in batches)
        return Split.join([Split.of(each, len(batch)) for each, batch in zip(encoded, batches, strict=True)])

    def _begins_word(self, ids: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of some sub-words can only stand at the beginning of a word."""
        begins = np.zeros(self._tokenizer.get_vocab_size(), bool)
        different = np.bincount(ids).nonzero()[0]
        begins[different] = [str(self._tokenizer.id_to_token(id_)).startswith(WORD_START) for id_ in different.tolist()]
        return begins[ids]

    @functools.cached_property
    def _of_pieces(self) -> Tokenizer:
        """The same model, for pieces behind spaces."""
        tokenizer = Tokenizer(self._tokenizer.model)
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=WORD_START, prepend_scheme="always")
        return tokenizer


class PieceTokens:
    """Sub-words of the pieces that were split, each piece known by its hash.

    Attributes:
        hashes: of the pieces, uint64 of shape (n_pieces,), ascending.
        firsts: where each one's sub-words begin in ``ids``, intp of shape (n_pieces,).
        counts: how many each has, intp of shape (n_pieces,).
        ids: of sub-words, intp of shape (n_ids,).
    """

    def __init__(self) -> None:
        self.hashes = np.zeros(0, np.uint64)
        self.firsts = self.counts = self.ids = np.zeros(0, np.intp)

    def __len__(self) -> int:
        return len(self.hashes)

    def places(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Where some pieces are, intp of shape (n_hashes,); -1 for one that was not split."""
        if not len(self):
            return np.full(len(hashes), -1)
        at = np.minimum(self.hashes.searchsorted(hashes), len(self) - 1)
        at[self.hashes.take(at) != hashes] = -1
        return at

    def add(self, hashes: NDArray[np.uint64], split: Split) -> None:
        """Remember pieces that are not there yet, each once."""
        order = np.argsort(hashes)
        at = self.hashes.searchsorted(hashes[order])
        firsts = len(self.ids) + np.cumsum(split.counts) - split.counts
        self.hashes = np.insert(self.hashes, at, hashes[order])
        self.firsts = np.insert(self.firsts, at, firsts[order])
        self.counts = np.insert(self.counts, at, split.counts[order])
        self.ids = np.concatenate([self.ids, split.ids])

    def of_each(self, places: NDArray[np.intp]) -> Split:
        """Sub-words of pieces at some places."""
        counts = self.counts[places]
        at = (self.firsts[places] - np.cumsum(counts) + counts).repeat(counts)
        at += np.arange(len(at))
        return Split(self.ids[at], counts)
