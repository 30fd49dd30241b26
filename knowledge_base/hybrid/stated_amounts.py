"""Whether a passage states an amount where it speaks of what was asked.

A section on mediation names fourteen days for something else, a table of lights the number of a chapter. An amount
answers when its sentence, item or row has a word of the question that the headings do not have, or one that means
nearly the same; where the headings hold all of the matter, or there are no headings, any of the amounts answers.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from knowledge_base.hybrid.amounts import Amount
from knowledge_base.hybrid.named_things import keys_of
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.sentences import segment_spans
from knowledge_base.passage import Passage
from knowledge_base.tokenise import fold, keyed_words, related_to, split_words

# Pairs of a passage and an amount whose answer is kept, and headings.
_REMEMBERED: Final = 2048


class Asked(NamedTuple):
    """Search keys of a query's words, each with those of words that mean nearly the same.

    Attributes:
        words: of all of them.
        matter: of those that do not ask for the amount itself, as „ile kosztuje” does.
    """

    words: tuple[frozenset[int], ...] = ()
    matter: tuple[frozenset[int], ...] = ()

    @classmethod
    def of(cls, query: Query, amounts: Sequence[Amount]) -> Self:
        """Those of a query that asks for some amounts; none where it asks for none."""
        if not amounts:
            return cls()
        keyed = keyed_words(query.words)
        near = [related_to(word, each) for word, each in zip(query.words, keyed, strict=True)]
        words = [each.keys.union(other.lemmas, other.stems) for each, other in zip(keyed, near, strict=True)]
        folded = fold(query.text)
        asking = {word for amount in amounts for word in split_words(amount.asking(folded))}
        matter = [keys for word, keys in zip(query.words, words, strict=True) if fold(word) not in asking]
        return cls(tuple(words), tuple(matter))


def states(passage: Passage, amount: Amount, asked: Asked) -> bool:
    """Whether a passage states an amount of what was asked."""
    stated = _stated(passage, amount)
    if stated is None:
        return False
    if amount.anywhere or not (stated and passage.section):
        return True
    heading = _keys_of(" ".join(passage.section))
    if all(not keys.isdisjoint(heading) for keys in asked.matter):
        return True
    left = [keys for keys in asked.words if keys.isdisjoint(heading)]
    return any(not keys.isdisjoint(sentence) for sentence in stated for keys in left)


@functools.lru_cache(maxsize=_REMEMBERED)
def _stated(passage: Passage, amount: Amount) -> tuple[frozenset[int], ...] | None:
    """Search keys of each sentence that states an amount; none where headings do; ``None`` where nothing does."""
    if amount.given_in(passage.heading):
        return ()
    if not amount.given_in(passage.text):
        return None
    sentences = (passage.text[start:end] for start, end in segment_spans(passage.text, passage.prefix))
    return tuple(_keys_of(sentence) for sentence in sentences if amount.given_in(sentence))


@functools.lru_cache(maxsize=_REMEMBERED)
def _keys_of(text: str) -> frozenset[int]:
    return keys_of(split_words(text))
