"""Texts to counted terms, in arrays: how often which term occurs in which text.

Each distinct word is analysed once; its terms are then copied to every place where it stands by array operations, which
is what makes indexing fast (no Python loop over terms).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.tokenise import GRAM, STOP_WORDS, Ragged, fold_all, ranges, words_of
from knowledge_base.tokenise.term_ids import code_points, extended


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Different words of one language.

    Attributes:
        words: as ``split_words`` gives them.
        hashes: of the words, as ``words_of`` has them, uint64 of shape (n_words,).
    """

    language: str
    words: Sequence[str]
    hashes: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class TokenisedTexts:
    """Texts as numbers of words.

    Attributes:
        vocabularies: different words, numbered through; a word of two languages is two words.
        tokens: all texts' tokens behind one another, int32 of shape (n_tokens,).
        lengths: tokens per text, int64 of shape (n_texts,).
    """

    vocabularies: Sequence[Vocabulary]
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
    languages = [*dict.fromkeys(language for pieces in texts for _, language in pieces)]
    numbered = [_numbered(texts, language) for language in languages]
    lengths = np.zeros(len(texts), np.int64)
    for _, rows in numbered:
        lengths += rows.counts
    tokens = np.empty(int(lengths.sum()), np.int32)
    places, before = np.cumsum(lengths) - lengths, 0
    for vocabulary, rows in numbered:
        tokens[ranges(places, rows.counts)] = rows.values + before
        places, before = places + rows.counts, before + len(vocabulary.words)
    return TokenisedTexts([vocabulary for vocabulary, _ in numbered], tokens, lengths)


def _numbered(texts: Sequence[Pieces], language: str) -> tuple[Vocabulary, Ragged[np.int32]]:
    """The words in the pieces of one language, and those of each text by their numbers."""
    known: dict[str, int] = {}
    hashes, rows = [np.zeros(0, np.uint64)], [Ragged(np.zeros(0, np.int32), np.zeros(0, np.intp))]
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        some = texts[first : first + _TEXTS_AT_ONCE]
        found = words_of(["\n".join(text for text, other in pieces if other == language) for pieces in some])
        new = [word not in known for word in found.distinct]
        known.update(zip(compress(found.distinct, new), count(len(known)), strict=False))
        hashes.append(found.hashes[np.array(new, bool)])
        numbers = np.fromiter(map(known.__getitem__, found.distinct), np.int32, len(found.distinct))
        rows.append(Ragged(numbers[found.numbers], found.counts))
    return Vocabulary(language, [*known], np.concatenate(hashes)), Ragged.join(rows)


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


def gram_terms(words: Sequence[str]) -> Ragged[np.uint64]:
    """Ids of the character 4-grams of words, as ``word_grams`` has them, but a word may have one twice."""
    folded = fold_all(words)
    marked = [
        "" if word in STOP_WORDS or bare in STOP_WORDS else f"_{bare}_"
        for word, bare in zip(words, folded, strict=True)
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
    return Ragged(ids, n_grams)


def count_terms(tokenised: TokenisedTexts, of_words: Ragged[np.uint64]) -> TermCounts:
    """Count the terms, whose ids are given for each word, of the words of each text."""
    from scipy import sparse  # 0.1 s of import, needed to build only

    n_texts, n_words = len(tokenised.lengths), len(of_words.counts)
    terms, columns = np.unique(of_words.values, return_inverse=True)
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
