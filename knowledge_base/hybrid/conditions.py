"""What a question demands of an answer that is easily missed when all the rest fits.

„Pralka W9 pokazuje E18” sounds like the manual of the W7, "refund period under German law" like the Polish rules, „ile
kosztuje pompa” like the list of parts: near misses, whose words are nearly all there. They differ from questions with
an answer in one thing that they name (a code or a name that no document has, a land, an appliance, a service) or ask
for (an amount), and that the nearest passage does not hold, or not where it speaks of the matter.

Letters name much that is beside the matter, so longer texts make no conditions.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final, Protocol

from knowledge_base.answer import Condition
from knowledge_base.hybrid.amounts import Amount, asked_amounts
from knowledge_base.hybrid.holding import held_by
from knowledge_base.hybrid.named_things import keys_of, named_things
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.stated_amounts import Asked, states
from knowledge_base.hybrid.word_forms import AskedKeys, WordForms
from knowledge_base.passage import Passage
from knowledge_base.tokenise import is_courtesy, is_stop_word, split_words

# More words that say something are a letter.
_MOST_WORDS: Final = 24
# Sections whose other words are kept.
_REMEMBERED: Final = 2048
# Models, error codes; longer ones are numbers of orders, devices and cases, which documents never have.
_SHORT_CODE: Final = re.compile(r"[A-Z]{1,3}\d{1,4}")
_WORD: Final = re.compile(r"[^\W_]+")
# A capital within a sentence.
_NAME: Final = re.compile(r"(?<=[a-ząćęłńóśźż,] )[A-ZĄĆĘŁŃÓŚŹŻ][^\W\d_]*[a-ząćęłńóśźż][^\W\d_]*\b")


class KnownWords(Protocol):
    """Tells what an index has."""

    def knows_code(self, code: str) -> bool:
        """Whether some passage holds a normalised code."""
        ...

    def knows_word(self, word: str) -> bool:
        """Whether some passage holds a lower-case word in any form."""
        ...


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions of one query.

    Attributes:
        nowhere: codes and names that no passage holds.
        things: words that name a thing, as typed, with the search keys of all its names.
        amounts: what is asked for.
        asked: search keys of the query's words, where it asks for an amount.
        language: the query's.
    """

    nowhere: tuple[Condition, ...]
    things: tuple[tuple[str, frozenset[int]], ...]
    amounts: tuple[Amount, ...]
    asked: Asked
    language: str

    @classmethod
    def of(cls, query: Query, index: KnownWords) -> Conditions:
        """Read a query."""
        if len(query.words) > _MOST_WORDS:
            return cls((), (), (), Asked(), query.language)
        things = dict(named_things(query.words, query.keys))
        typed = {word.lower(): word for word in _WORD.findall(query.text)} if things else {}
        names = (name for name in _unknown_names(query.text, index) if name.what.lower() not in things)
        amounts = tuple(asked_amounts(query.text))
        return cls(
            (*_unknown_codes(query, index), *names),
            tuple((typed.get(word, word), keys) for word, keys in things.items()),
            amounts,
            Asked.of(query, amounts),
            query.language,
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.nowhere or self.things or self.amounts)

    def missing_in(self, passages: Sequence[Passage], forms: WordForms) -> list[tuple[Condition, ...]]:
        """Those that each of some passages does not meet.

        Args:
            forms: of the index that has the passages.
        """
        things = self._things_missing_in(passages, forms) if self.things else repeat(())
        return [
            tuple(dict.fromkeys((*self.nowhere, *of_things, *self._amounts_missing_in(passage))))
            for passage, of_things in zip(passages, things, strict=False)
        ]

    def _things_missing_in(self, passages: Sequence[Passage], forms: WordForms) -> Iterator[tuple[Condition, ...]]:
        named = held_by(passages, forms, AskedKeys.of([keys for _, keys in self.things]))
        for passage, held in zip(passages, named.tolist(), strict=True):
            yield tuple(
                Condition("thing", word)
                for (word, keys), is_held in zip(self.things, held, strict=True)
                if not (is_held or _is_called(passage, keys))
            )

    def _amounts_missing_in(self, passage: Passage) -> Iterator[Condition]:
        for amount in self.amounts:
            if not states(passage, amount, self.asked):
                yield Condition(amount.name, amount.label(self.language))


def _unknown_codes(query: Query, index: KnownWords) -> Iterator[Condition]:
    for code in query.codes:
        if _SHORT_CODE.fullmatch(code) and not index.knows_code(code):
            yield Condition("code", code)


def _unknown_names(text: str, index: KnownWords) -> Iterator[Condition]:
    for name in dict.fromkeys(_NAME.findall(text)):
        word = name.lower()
        if not (is_stop_word(word) or is_courtesy(word) or index.knows_word(word)):
            yield Condition("name", name)


def _is_called(passage: Passage, keys: frozenset[int]) -> bool:
    """Whether the product or other words for a passage have a word with one of some keys."""
    return not keys.isdisjoint(_keys_of_names((passage.product or "", *passage.asked_as, *passage.taught)))


@functools.lru_cache(maxsize=_REMEMBERED)
def _keys_of_names(names: tuple[str, ...]) -> frozenset[int]:
    """Search keys of what a passage is called; passages of one section share it."""
    return keys_of(split_words(" ".join(names)))
