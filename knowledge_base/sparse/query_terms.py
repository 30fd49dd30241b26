"""What a word of a query is looked up by in an index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from knowledge_base.sparse.bm25 import TermGroup
from knowledge_base.sparse.term_ids import term_id
from knowledge_base.tokenise import key_groups, related_keys, word_grams

_LANGUAGES: Final = ("pl", "en")
_CACHED_WORDS: Final = 1 << 13


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """Terms of one word; none for a stop word.

    Attributes:
        groups: lemmas of the word as one group, its stems in both languages as another; beside each what its
            neighbours share.
        grams: ids of its 4-grams.
    """

    groups: tuple[TermGroup, ...]
    grams: tuple[int, ...]


@lru_cache(maxsize=_CACHED_WORDS)
def terms_of(word: str) -> QueryTerms:
    """Terms of a lower-case word."""
    groups = [key_groups(word, language) for language in _LANGUAGES]
    stems = tuple(dict.fromkeys(group[-1][0] for group in groups if group))
    if not stems:
        return QueryTerms((), ())
    related = related_keys(word)
    by_lemma = (TermGroup.of(lemmas, related.lemmas) for lemmas in groups[0][:-1])
    return QueryTerms((*by_lemma, TermGroup.of(stems, related.stems)), tuple(map(term_id, word_grams(word))))
