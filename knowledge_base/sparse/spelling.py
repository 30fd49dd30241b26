"""Slips of the fingers in a query: two neighbouring letters swapped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.tokenise import KeyGroups, all_key_groups, is_stop_word, query_words, split_words

# Shorter words become others too easily.
_LEAST_LETTERS: Final = 5


def mended(query: str, keys: Bm25Index) -> str:
    """A query with two neighbouring letters swapped back in words that no passage has, where one then is known.

    Swapped letters („zwort”) leave few 4-grams in common; a letter too many or too few leaves enough.

    Args:
        keys: the index over keys of words.
    """
    for word in dict.fromkeys(split_words(query)):
        if len(word) < _LEAST_LETTERS or not word.isalpha() or is_stop_word(word) or len(_own(word, keys)):
            continue
        if spelt := _spelt(_swapped(word), keys):
            commonest = min(spelt, key=lambda each: keys.rarity(_own(each, keys)))
            query = re.sub(rf"\b{re.escape(word)}\b", commonest, query, flags=re.IGNORECASE)
    return query


def _own(word: str, keys: Bm25Index) -> NDArray[np.int64]:
    """Columns of the keys of a word that some text has."""
    [terms] = query_words([word])
    return keys.held(terms.own)


def _spelt(words: Sequence[str], keys: Bm25Index) -> list[str]:
    """Those of some words that some text nearly spells."""
    spellings = [*map(_spelling_keys, words, *(all_key_groups(words, language) for language in ("pl", "en")))]
    columns = iter(keys.find([*chain.from_iterable(spellings)]))
    held = [max([next(columns) for _ in own], default=-1) >= 0 for own in spellings]
    return [*compress(words, held)]


def _swapped(word: str) -> list[str]:
    """A word with each two neighbouring letters swapped; the first, which few mistype, stays."""
    return [f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(1, len(word) - 1)]


def _spelling_keys(word: str, polish: KeyGroups, english: KeyGroups) -> list[str]:
    """Keys that nearly spell a word: stems that leave more off are shared by words that do not exist."""
    lemmas = [key for group in polish for key in group if key.startswith("=")]
    return lemmas + [stem for group in english for stem in group if len(stem) >= len(word) - 1]
