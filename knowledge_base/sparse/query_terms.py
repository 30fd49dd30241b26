"""What a word of a query is looked up by in an index."""

from __future__ import annotations

from typing import NamedTuple

from knowledge_base.tokenise import KeyedWord, KeyIds, related_to


class TermGroup(NamedTuple):
    """Terms of one word of a query, by their ids; a tuple, as its hash is asked for often and computed at once.

    Attributes:
        terms: its own keys.
        related: keys of words that mean nearly the same.
    """

    terms: KeyIds
    related: KeyIds = ()


def groups_of(word: str, keyed: KeyedWord) -> tuple[TermGroup, ...]:
    """Terms of a lower-case word: its lemmas as one group, its stems in both languages as another.

    Beside each group stands what its neighbours share. A stop word has none.
    """
    if not keyed.stems:
        return ()
    related = related_to(word, keyed)
    of_stems = TermGroup(keyed.stems, related.stems)
    return (TermGroup(keyed.lemmas, related.lemmas), of_stems) if keyed.lemmas else (of_stems,)
