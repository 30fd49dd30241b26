"""Vocabulary: the figures, articles, words and phrases a text holds, read once per published text.

Templates, passages and the company's identity are read again and again; what they hold is kept. Tickets are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property, lru_cache

from triage.domain.folding import fold
from triage.domain.reply import without_marks
from triage.domain.sentences import sentence_spans
from triage.domain.sought import Sought

AMOUNT = re.compile(
    r"(?<![\w,.])(?P<n1>\d{1,3}(?:[ \u00a0\u202f.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
    r"[ \u00a0\u202f]?(?:zl\w*|pln|eur\w*|€|usd|\$|£|gbp)(?!\w)"
    r"|(?:pln|eur|usd|gbp|€|\$|£)[ \u00a0]?(?P<n2>\d{1,3}(?:[ \u00a0\u202f,]\d{3})+(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
)
_TIME = (
    r"dni\w*|dzien|dnia|tydzien|tygodni\w*|miesia\w*|miesie\w*|lat|lata|rok\w*|godzin\w*|godz|minut\w*"
    r"|days?|weeks?|months?|years?|hours?|minutes?"
)
QUANTITY = re.compile(
    rf"(?<![\w.,/-])(?P<n>\d+(?:[.,]\d+)?)(?:[ \u00a0-]?(?:(?P<time>{_TIME})"
    r"|(?P<unit>%|proc\w*|percent|szt\w*|pcs|units?|litr\w*|ml|l|kg|g|cm|mm|m|v|w|a|bar"
    r"|ghz|mhz|°c|stopni\w*|degrees?|mb|gb|km|zdjec\w*|photos?))\b)"
)
TOKEN = re.compile(r"(?<![\w])[A-Za-z]*+[-/]?+\d[\w/.:-]*")
ARTICLE = Sought(r"\b(?:art(?:\.|ykul\w*|icles?)?|§)\s?(?P<n>\d+[a-z]{0,2}\d?)(?:[-–](?P<to>\d+[a-z]?))?")
SHINGLE = 6
LEAST_QUOTE = 25
_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-•–])\s+")
_SPACED_CODE = re.compile(r"\b([a-z]{1,4})[ -](\d{1,4}[a-z]?)\b")
_WORD = re.compile(r"[^\W_][\w’'-]*")
_DIGITS = re.compile(r"\d\d*")  # sought faster than \d+
_PLAIN_WORD = re.compile(r"\w+")
_NO_WORD = re.compile(r"[\W_]")


class Vocabulary:
    """What a text holds, read when it is asked for; see :func:`published` for texts that recur."""

    def __init__(self, text: str) -> None:
        self._folded = fold(text)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Number-like tokens in upper case without separators."""
        return frozenset(_tokens(self._folded))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Beginnings of its words, enough to meet their inflected forms."""
        return frozenset(map(stem, _WORD.findall(self._folded)))

    @cached_property
    def amounts(self) -> frozenset[Decimal]:
        """Amounts of money."""
        return frozenset(decimal(match["n1"] or match["n2"]) for match in AMOUNT.finditer(self._folded))

    @cached_property
    def quantities(self) -> frozenset[tuple[str, str]]:
        """Number and first two letters of the unit."""
        return frozenset(map(quantity_key, QUANTITY.finditer(self._folded)))

    @cached_property
    def articles(self) -> frozenset[str]:
        """Numbers of provisions."""
        return frozenset(match["n"] for match in ARTICLE.finditer(self._folded))

    @cached_property
    def digits(self) -> str:
        """All its digits in one string."""
        return "".join(_DIGITS.findall(self._folded))

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """Runs of six folded words."""
        words = _PLAIN_WORD.findall(self._folded)
        return frozenset(zip(*(words[i:] for i in range(SHINGLE)), strict=False))


@lru_cache(maxsize=2048)
def published(text: str) -> Vocabulary:
    """The vocabulary of a template, a passage or the company's identity; kept for the next letter."""
    return Vocabulary(text)


@lru_cache(maxsize=2048)
def quotable_pieces(text: str) -> tuple[str, ...]:
    """Lines and sentences of a passage long enough to be recognised as a quote."""
    plain = without_marks(text)
    lines = [_ITEM.sub("", part).strip() for part in plain.split("\n")]
    whole = [line for line in lines if len(line) >= LEAST_QUOTE]
    return (*whole, *(plain[start:end] for start, end in sentence_spans(plain) if end - start >= LEAST_QUOTE))


def stem(word: str) -> str:
    """Enough of a folded word to meet its other forms (``Kraków``, ``Krakowie``)."""
    return word[: max(4, len(word) - 3)][:8] if len(word) > 4 else word


def bare(token: str) -> str:
    """A token in upper case without separators: ``E-18`` and ``e 18`` are one."""
    return _NO_WORD.sub("", token).upper()


def quantity_key(match: re.Match[str]) -> tuple[str, str]:
    """Number and unit of a :data:`QUANTITY` match, comparable across inflections."""
    return match["n"].replace(",", "."), (match["time"] or match["unit"])[:2]


def decimal(text: str) -> Decimal:
    """Read an amount in Polish or English notation.

    >>> decimal("1 249,00") == decimal("1,249.00") == decimal("1249")
    True
    """
    plain = re.sub(r"\s", "", text)
    whole, separator, cents = plain.rpartition(",") if plain.rfind(",") > plain.rfind(".") else plain.rpartition(".")
    if separator and len(cents) <= 2:
        return Decimal(f"{re.sub(r'[.,]', '', whole)}.{cents}").normalize()
    return Decimal(re.sub(r"[.,]", "", plain)).normalize()


def _tokens(folded: str) -> Iterator[str]:
    for match in TOKEN.finditer(folded):
        yield bare(match[0])
        if not match[0].isdigit():
            yield from (bare(part) for part in re.split(r"[/:.]", match[0]))
            yield from _DIGITS.findall(match[0])
    for match in _SPACED_CODE.finditer(folded):
        yield bare(match[1] + match[2])
