"""Splits pieces of texts into sub-words, many at a time; those of common pieces come from a file, by their hashes.

The file ``common_pieces.npz`` is made by ``training/common_words.py`` for one tokenizer.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer, pre_tokenizers

from knowledge_base.tokenise import HashedRows, Ragged

COMMON_PIECES: Final = Path(__file__).with_name("common_pieces.npz")
WORD_START: Final = "▁"
_WORDS_AT_ONCE: Final = 1024


class PieceSplitter:
    """Splits pieces that were not split yet."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def plain(self, pieces: Sequence[str]) -> Ragged[np.intp]:
        """Pieces of letters or digits, and marks: by the model alone, which leaves the interpreter to other threads."""
        text = [" ".join(pieces)]
        [encoding] = self._of_pieces.encode_batch_fast(text, add_special_tokens=False)
        ids = np.array(encoding.ids, np.intp)
        begins = np.flatnonzero(self._begins_word(ids))
        if len(begins) != len(pieces):  # a tokenizer to which the beginning of some word is unknown
            [encoding] = self._of_pieces.encode_batch(text, add_special_tokens=False)
            return _of_each_word(encoding, len(pieces))
        return Ragged(ids, np.diff(begins, append=len(ids)))

    def whole(self, words: Sequence[str]) -> Ragged[np.intp]:
        """Words with other characters, by the tokenizer itself."""
        batches = [words[first : first + _WORDS_AT_ONCE] for first in range(0, len(words), _WORDS_AT_ONCE)]
        encoded = (self._tokenizer.encode(batch, is_pretokenized=True, add_special_tokens=False) for batch in batches)
        return Ragged.join([_of_each_word(each, len(batch)) for each, batch in zip(encoded, batches, strict=True)])

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


def of_each(pieces: Ragged[np.intp]) -> list[tuple[int, ...]]:
    """Sub-words of each piece."""
    ids = pieces.values.tolist()
    return [tuple(ids[begin:end]) for begin, end in pairwise([0, *pieces.ends.tolist()])]


def common_pieces(tokenizer: str) -> HashedRows[np.intp]:
    """Sub-words of common pieces by the tokenizer whose file has a SHA-256; none by another."""
    return HashedRows.read(COMMON_PIECES, tokenizer, np.intp)


def _of_each_word(encoding: Encoding, n_words: int) -> Ragged[np.intp]:
    """Sub-words of each word of a text."""
    counts = np.bincount(np.array(encoding.word_ids, np.intp), minlength=n_words)
    return Ragged(np.array(encoding.ids, np.intp), counts)
