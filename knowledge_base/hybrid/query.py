"""A query, read once for all rankers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Final

from knowledge_base.errors import InvalidSearch
from knowledge_base.tokenise import all_key_groups, codes, detect_language, is_stop_word, split_words

MAX_CHARS: Final = 4000


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked.

    Attributes:
        text: as typed, cut to ``MAX_CHARS``, without characters that cannot be shown.
        lexical: the text with its codes behind it in their one spelling; what the lexical index is asked.
        keys: for each word that is not a stop word, the keys it may meet.
        codes: normalised codes in it.
        language: ``pl`` or ``en``.
    """

    text: str
    lexical: str
    keys: tuple[frozenset[str], ...]
    codes: tuple[str, ...]
    language: str


def read_query(text: str) -> Query:
    """Read a query.

    Raises:
        InvalidSearch: it is empty.
    """
    text = _shown(text[:MAX_CHARS]).strip()
    if not text:
        raise InvalidSearch("The query is empty: type a question, some words, or an error code.")
    found = codes(text)
    words = [word for word in dict.fromkeys(split_words(text)) if not is_stop_word(word)]
    by_language = (all_key_groups(words, language) for language in ("pl", "en"))
    keys = tuple(frozenset(chain(*polish, *english)) for polish, english in zip(*by_language, strict=True))
    return Query(text, with_codes(text, found), keys, found, detect_language(text))


def _shown(text: str) -> str:
    """A text without characters that cannot be shown."""
    if "".join(text.split()).isprintable():
        return text
    return "".join(char for char in text if char.isprintable() or char.isspace())


def with_codes(text: str, found: tuple[str, ...]) -> str:
    """A text with its codes as words behind it: „E-18” is then also the word „e18”."""
    return f"{text} {' '.join(found)}" if found else text
