"""What a word of a query is looked up by in an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple, Self

from knowledge_base.tokenise import KeyGroups, all_key_groups, related_to, word_grams


class TermGroup(NamedTuple):
    """Terms of one word of a query; a tuple, as its hash is asked for often and computed at once.

    Attributes:
        terms: its own keys.
        related: keys of words that mean nearly the same.
    """

    terms: tuple[str, ...]
    related: tuple[str, ...] = ()

    @classmethod
    def of(cls, terms: Iterable[str], related: Iterable[str] = ()) -> Self:
        """Terms in order."""
        return cls(tuple(terms), tuple(related))


def every_term(groups: Iterable[TermGroup]) -> list[str]:
    """Own and related terms of groups in order."""
    return [term for group in groups for terms in (group.terms, group.related) for term in terms]


class QueryTerms(NamedTuple):
    """Terms of one word; none for a stop word.

    Attributes:
        groups: lemmas of the word as one group, its stems in both languages as another; beside each what its
            neighbours share.
        grams: its 4-grams.
    """

    groups: tuple[TermGroup, ...]
    grams: tuple[str, ...]


def terms_of(words: Sequence[str]) -> list[QueryTerms]:
    """Terms of lower-case words."""
    polish, english = (all_key_groups(words, language) for language in ("pl", "en"))
    return [*map(_terms_of, words, polish, english)]


def _terms_of(word: str, polish: KeyGroups, english: KeyGroups) -> QueryTerms:
    if not polish:
        return QueryTerms((), ())  # a stop word
    related = related_to(word, {*chain(*polish, *english)})
    stem, other = polish[-1][0], english[-1][0]
    of_stems = TermGroup((stem,) if stem == other else (stem, other), related.stems)
    by_lemma = [TermGroup(lemmas, related.lemmas) for lemmas in polish[:-1]]
    return QueryTerms((*by_lemma, of_stems), word_grams(word))
