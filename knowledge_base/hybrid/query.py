"""A query, read once for all rankers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from knowledge_base.errors import InvalidSearch
from knowledge_base.tokenise import codes, detect_language, query_words, split_words, word_weights

MAX_CHARS: Final = 4000


@dataclass(frozen=True)
class Query:
    """What was asked.

    Attributes:
        text: as typed, cut to ``MAX_CHARS``, without characters that cannot be shown.
        lexical: the text with its codes behind it in their one spelling; what the lexical index is asked.
        weights: what each word of that text that is no stop word says about its subject, > 0.
        words: different words of the query that are no stop words, lower-case, in order.
        codes: normalised codes in it.
        language: ``pl`` or ``en``.
    """

    text: str
    lexical: str
    weights: Mapping[str, float] = field(compare=False)
    words: tuple[str, ...]
    codes: tuple[str, ...]
    language: str

    @cached_property
    def keys(self) -> tuple[frozenset[int], ...]:
        """For each of the words the ids of the keys it may meet."""
        return tuple([frozenset(known.own.tolist()) for known in query_words(self.words)])


def read_query(text: str) -> Query:
    """Read a query.

    Raises:
        InvalidSearch: it is empty.
    """
    text = _shown(text[:MAX_CHARS]).strip()
    if not text:
        raise InvalidSearch("The query is empty: type a question, some words, or an error code.")
    found = codes(text)
    lexical = with_codes(text, found)
    weights = word_weights(lexical)
    words = dict.fromkeys(word for word in split_words(text) if word in weights) if found else weights
    return Query(text, lexical, weights, tuple(words), found, detect_language(text))


def _shown(text: str) -> str:
    """A text without characters that cannot be shown."""
    if "".join(text.split()).isprintable():
        return text
    return "".join(char for char in text if char.isprintable() or char.isspace())


def with_codes(text: str, found: tuple[str, ...]) -> str:
    """A text with its codes as words behind it: „E-18” is then also the word „e18”."""
    return f"{text} {' '.join(found)}" if found else text
