"""Texts to counted terms, in arrays: how often which term occurs in which text.

Each distinct word is analysed once; its terms are then copied to every place where it stands by array operations, which
is what makes indexing fast (no Python loop over terms).
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.tokenise import split_words

# Texts counted at a time: keeps the arrays that are sorted within a few dozen megabytes.
_BLOCK: Final = 2048

Analyse = Callable[[str, str], tuple[str, ...]]


@functools.lru_cache(maxsize=1 << 16)
def term_id(term: str) -> int:
    """64-bit id of a term: the same on every machine, and without a table of strings to load."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8"), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class TokenisedTexts:
    """Texts as numbers of words.

    Attributes:
        words: distinct (language, word) pairs; a token is an index into it.
        tokens: all texts' tokens behind one another, int32 of shape (n_tokens,).
        lengths: tokens per text, int64 of shape (n_texts,).
    """

    words: tuple[tuple[str, str], ...]
    tokens: NDArray[np.int32]
    lengths: NDArray[np.int64]


class _WordTable(dict[str, int]):
    """Numbers words of one language as they come."""

    def __init__(self, language: str, words: list[tuple[str, str]]) -> None:
        super().__init__()
        self._language = language
        self._words = words

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self._words)
        self._words.append((self._language, word))
        return number


#: A text in pieces, each with its language.
Pieces = Sequence[tuple[str, str]]


def tokenise_texts(texts: Iterable[str], languages: Sequence[str]) -> TokenisedTexts:
    """Split texts of one language each into words and number the distinct ones."""
    return tokenise_pieces([((text, language),) for text, language in zip(texts, languages, strict=True)])


def tokenise_pieces(texts: Sequence[Pieces]) -> TokenisedTexts:
    """Split texts whose pieces are (text, language) into words and number the distinct ones."""
    words: list[tuple[str, str]] = []
    languages = {language for pieces in texts for _, language in pieces}
    tables = {language: _WordTable(language, words) for language in languages}
    rows = [
        [number for text, language in pieces for number in map(tables[language].__getitem__, split_words(text))]
        for pieces in texts
    ]
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    tokens = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=int(lengths.sum()))
    return TokenisedTexts(tuple(words), tokens, lengths)


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Counts in column order.

    Attributes:
        terms: sorted distinct term ids, uint64 of shape (n_terms,).
        indptr: int64 of shape (n_terms + 1,); column t holds entries ``indptr[t]:indptr[t + 1]``.
        texts: which text, int32 of shape (n_entries,), ascending in each column.
        counts: how often, float32 of shape (n_entries,).
        lengths: terms per text, float32 of shape (n_texts,).
    """

    terms: NDArray[np.uint64]
    indptr: NDArray[np.int64]
    texts: NDArray[np.int32]
    counts: NDArray[np.float32]
    lengths: NDArray[np.float32]


def count_terms(tokenised: TokenisedTexts, analyse: Analyse) -> TermCounts:
    """Count the terms that ``analyse(word, language)`` gives for the words of each text."""
    per_word = [analyse(word, language) for language, word in tokenised.words]
    sizes = np.fromiter(map(len, per_word), dtype=np.int64, count=len(per_word))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])  # (n_words + 1,)
    flat = [*chain.from_iterable(per_word)]
    ids = {term: term_id(term) for term in set(flat)}
    terms, columns = np.unique(
        np.fromiter((ids[term] for term in flat), dtype=np.uint64, count=len(flat)), return_inverse=True
    )
    blocks = list(_count_blocks(tokenised, starts, sizes, columns))
    entry_terms = np.concatenate([block[0] for block in blocks]) if blocks else np.zeros(0, np.int32)
    # Stable sort of runs that are sorted already: timsort only merges them.
    order = np.argsort(entry_terms, kind="stable")
    texts = np.concatenate([block[1] for block in blocks])[order] if blocks else np.zeros(0, np.int32)
    counts = np.concatenate([block[2] for block in blocks])[order] if blocks else np.zeros(0, np.float32)
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(entry_terms, minlength=len(terms)))])
    lengths = np.bincount(texts, weights=counts, minlength=len(tokenised.lengths)).astype(np.float32)
    return TermCounts(terms, indptr, texts, counts, lengths)


_CountedBlock = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]


def _count_blocks(
    tokenised: TokenisedTexts, starts: NDArray[np.int64], sizes: NDArray[np.int64], columns: NDArray[np.int64]
) -> Iterable[_CountedBlock]:
    """(term, text, count) of some texts at a time, sorted by term, then text."""
    ends = np.cumsum(tokenised.lengths)
    for first in range(0, len(ends), _BLOCK):
        lengths = tokenised.lengths[first : first + _BLOCK]
        last_token = int(ends[min(first + _BLOCK, len(ends)) - 1])
        tokens = tokenised.tokens[last_token - int(lengths.sum()) : last_token]
        repeats = sizes[tokens]  # (n_tokens,) terms of each token
        before = np.cumsum(repeats) - repeats
        positions = np.arange(int(repeats.sum())) + np.repeat(starts[tokens] - before, repeats)
        texts = np.repeat(np.repeat(np.arange(len(lengths)), lengths), repeats)
        pairs, counts = np.unique(columns[positions] * _BLOCK + texts, return_counts=True)
        yield (pairs // _BLOCK).astype(np.int32), (pairs % _BLOCK + first).astype(np.int32), counts.astype(np.float32)
