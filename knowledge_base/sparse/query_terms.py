"""What a word of a query is looked up by in an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple, Self

from knowledge_base.tokenise import KeyGroups, all_key_groups, related_to


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


def term_groups(words: Sequence[str]) -> list[tuple[TermGroup, ...]]:
    """Terms of lower-case words: the lemmas of a word as one group, its stems in both languages as another.

    Beside each group stands what its neighbours share. A stop word has none.
    """
    polish, english = (all_key_groups(words, language) for language in ("pl", "en"))
    return [*map(_groups_of, words, polish, english)]


def _groups_of(word: str, polish: KeyGroups, english: KeyGroups) -> tuple[TermGroup, ...]:
    if not polish:
        return ()
    related = related_to(word, {*chain(*polish, *english)})
    stem, other = polish[-1][0], english[-1][0]
    of_stems = TermGroup((stem,) if stem == other else (stem, other), related.stems)
    return (*[TermGroup(lemmas, related.lemmas) for lemmas in polish[:-1]], of_stems)
