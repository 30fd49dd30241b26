"""Texts to counted terms, in arrays: how often which term occurs in which text.

Each distinct word is analysed once; its terms are then copied to every place where it stands by array operations, which
is what makes indexing fast (no Python loop over terms).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress, count, repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.sparse.term_ids import code_points, extended, term_ids
from knowledge_base.tokenise import GRAM, STOP_WORDS, all_key_groups, fold_all, words_of


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


#: A text in pieces, each with its language.
Pieces = Sequence[tuple[str, str]]
# Texts whose words are held as strings at a time; then they are numbers.
_TEXTS_AT_ONCE: Final = 512


def tokenise_texts(texts: Iterable[str], languages: Sequence[str]) -> TokenisedTexts:
    """Split texts of one language each into words and number the distinct ones."""
    return tokenise_pieces([((text, language),) for text, language in zip(texts, languages, strict=True)])


def tokenise_pieces(texts: Sequence[Pieces]) -> TokenisedTexts:
    """Split texts whose pieces are (text, language) into words and number the distinct ones."""
    words: list[tuple[str, str]] = []
    known: dict[str, dict[str, int]] = {}
    tokens, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        some = texts[first : first + _TEXTS_AT_ONCE]
        found = [
            _numbered(some, language, known.setdefault(language, {}), words)
            for language in dict.fromkeys(language for pieces in some for _, language in pieces)
        ]
        counts = np.zeros(len(some), np.int64)
        for _, of_texts in found:
            counts += of_texts
        places, block = np.cumsum(counts) - counts, np.empty(int(counts.sum()), np.int32)
        for numbers, of_texts in found:
            block[ranges(places, of_texts)] = numbers
            places = places + of_texts
        tokens.append(block)
        lengths.append(counts)
    return TokenisedTexts(tuple(words), np.concatenate(tokens), np.concatenate(lengths))


def _numbered(
    texts: Sequence[Pieces], language: str, known: dict[str, int], words: list[tuple[str, str]]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Numbers of the words in the pieces of one language, and how many each text has; new words are added."""
    found = words_of(["\n".join(text for text, other in pieces if other == language) for pieces in texts])
    new = [word for word in found.distinct if word not in known]
    known.update(zip(new, count(len(words)), strict=False))
    words += zip(repeat(language), new, strict=False)
    numbers = np.fromiter(map(known.__getitem__, found.distinct), np.int32, len(found.distinct))
    return numbers[found.numbers], found.counts


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


@dataclass(frozen=True, slots=True)
class WordTerms:
    """Terms of distinct words.

    Attributes:
        ids: of the first word's terms, then of the second's …, uint64 of shape (n_ids,).
        ends: where each word's end, int64 of shape (n_words,).
    """

    ids: NDArray[np.uint64]
    ends: NDArray[np.int64]


def key_terms(words: Sequence[tuple[str, str]]) -> WordTerms:
    """Search keys of (language, word) pairs."""
    languages, spelt = zip(*words, strict=True) if words else ((), ())
    found = {
        language: iter(all_key_groups([*compress(spelt, map(language.__eq__, languages))], language))
        for language in dict.fromkeys(languages)
    }
    of_words = [*map(next, map(found.__getitem__, languages))]
    groups = [*chain.from_iterable(of_words)]
    group_ends = np.cumsum(np.fromiter(map(len, of_words), np.int64, len(of_words)))
    key_ends = np.cumsum(np.fromiter(chain((0,), map(len, groups)), np.int64, len(groups) + 1))
    return WordTerms(term_ids([*chain.from_iterable(groups)]), key_ends[group_ends])


def gram_terms(words: Sequence[tuple[str, str]]) -> WordTerms:
    """Character 4-grams of (language, word) pairs, as ``word_grams`` has them, but a word may have one twice."""
    folded = fold_all([word for _, word in words])
    marked = [
        "" if word in STOP_WORDS or bare in STOP_WORDS else f"_{bare}_"
        for (_, word), bare in zip(words, folded, strict=True)
    ]
    codes, sizes = code_points(marked)
    # The last word is followed by nothing that its grams could begin with, but is read beyond its end.
    padded = np.concatenate([codes, np.zeros(GRAM, np.uint64)])
    firsts = np.cumsum(sizes) - sizes
    n_grams = np.where(sizes > 0, np.maximum(sizes - GRAM + 1, 1), 0)
    places = ranges(firsts, n_grams)
    short = np.repeat(np.minimum(sizes, GRAM), n_grams)  # code points of the gram
    ids = np.ones(len(places), np.uint64)
    for offset in range(GRAM):
        ids = np.where(offset < short, extended(ids, padded[places + offset]), ids)
    return WordTerms(ids, np.cumsum(n_grams))


def ranges(firsts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers from each first on, as many as its count says, behind one another."""
    numbers: NDArray[np.int64] = (firsts - counts.cumsum() + counts).repeat(counts)
    numbers += np.arange(len(numbers))
    return numbers


def count_terms(tokenised: TokenisedTexts, of_words: WordTerms) -> TermCounts:
    """Count the terms of the words of each text."""
    from scipy import sparse  # 0.1 s of import, needed to build only

    n_texts, n_words = len(tokenised.lengths), len(of_words.ends)
    terms, columns = np.unique(of_words.ids, return_inverse=True)
    starts = np.concatenate([np.zeros(1, np.int64), of_words.ends])
    has = sparse.csr_array((np.ones(len(columns), np.float32), columns, starts), (n_words, len(terms)))
    has.sum_duplicates()
    has.data[:] = 1  # a term that a word has twice counts once
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(tokenised.lengths)])
    holds = sparse.csr_array((np.ones(len(tokenised.tokens), np.float32), tokenised.tokens, ends), (n_texts, n_words))
    holds.sum_duplicates()
    counts = (holds @ has).tocsc()
    lengths = np.bincount(counts.indices, weights=counts.data, minlength=n_texts).astype(np.float32)
    return TermCounts(terms, counts.indptr.astype(np.int64), counts.indices.astype(np.int32), counts.data, lengths)
