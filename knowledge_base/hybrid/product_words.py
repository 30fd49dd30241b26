"""What a short query asks of every product alike: the query without the words that name one.

„Zwrot pralki” asks for the procedure of returns, which holds for all products and names none; the washing machine's
manuals, which name it in every section, say nothing of it. So passages about no product in particular are also asked
without that name. Codes, and amounts other than periods („ile kosztuje pralka”), are a product's own. Longer questions
tell what they are about without it.

>>> products = ProductWords(["pralka", "aquaspin"])
>>> products.without(read_query("Zwrot pralki AquaSpin")).words
('zwrot',)
>>> products.without(read_query("zwrot pieniędzy")) is None, products.without(read_query("pralki")) is None
(True, True)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Final

from knowledge_base.hybrid.amounts import asked_amounts
from knowledge_base.hybrid.named_things import keys_of
from knowledge_base.hybrid.query import Query, read_query
from knowledge_base.passage import Passage
from knowledge_base.tokenise import is_stop_word, keyed_words, related_to, split_words

# More words that say something tell what a question is about.
_MOST_WORDS: Final = 6
# The amount that procedures give for all products.
_PERIOD: Final = "period"
_WORD: Final = re.compile(r"[^\W_]+")
# Between what a title names and what it says of it: „Pralka AquaSpin — instalacja i rozpakowanie”.
_TITLE_PARTS: Final = re.compile(r"\s[—–-]\s|[:,;()]")
# Headings whose keys are kept (about 1 kB each).
_REMEMBERED: Final = 2048


def product_words(passages: Iterable[Passage]) -> tuple[str, ...]:
    """What documents about products call them, lower-case: line, model, and the words beside these in their titles."""
    named = {(p.title, p.product or "", p.model or "") for p in passages if p.product or p.model}
    return tuple(
        sorted({word for title, *names in named for word in _title_words(title, split_words(" ".join(names)))})
    )


class ProductWords:
    """Tells the words of queries that name a product.

    Args:
        words: lower-case names of products and of their kinds; words that mean nearly the same are as good.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    @cached_property
    def _keys(self) -> frozenset[int]:
        return _keys_with_neighbours(self._words)

    def without(self, query: Query) -> Query | None:
        """A short query without its names of products; None where there are none, or nothing is left to ask."""
        if not self._words or len(query.words) > _MOST_WORDS:
            return None
        named = {word for word, keys in zip(query.words, query.keys, strict=True) if not keys.isdisjoint(self._keys)}
        if not 0 < len(named) < len(query.words):
            return None
        amounts = {amount.name for amount in asked_amounts(query.text)}
        if amounts and _PERIOD not in amounts:
            return None
        return read_query(_WORD.sub(lambda met: "" if met[0].lower() in named else met[0], query.text))


def in_heading(query: Query, passage: Passage) -> bool:
    """Whether the title or a heading above a passage has one of a query's words, or one that means nearly the same.

    A section that only mentions a word in passing is not about it.
    """
    return not _keys_with_neighbours(query.words).isdisjoint(_heading_keys(passage.heading))


def _title_words(title: str, names: Sequence[str]) -> list[str]:
    parts = [split_words(part) for part in _TITLE_PARTS.split(title)]
    beside = [word for part in parts if not set(names).isdisjoint(part) for word in part]
    return [word for word in (*names, *beside) if not is_stop_word(word)]


def _keys_with_neighbours(words: Sequence[str]) -> frozenset[int]:
    keyed = keyed_words(words)
    near = [related_to(word, each) for word, each in zip(words, keyed, strict=True)]
    return frozenset().union(*[each.keys for each in keyed], *[(*each.lemmas, *each.stems) for each in near])


@lru_cache(maxsize=_REMEMBERED)
def _heading_keys(heading: str) -> frozenset[int]:
    return keys_of(split_words(heading))
