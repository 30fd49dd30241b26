r"""What every match of a regular expression begins with, read from the expression's own tree.

Sound by construction: where nothing can be said of a match's first letters, nothing is said.

>>> read_beginnings(r"\b(zwrot|wymian)\w*|\d+ (dni|szt)")
Beginnings(of_words=('wymian', 'zwrot'), anywhere=('0',))
>>> read_beginnings(r"\w+ zwrot") is None
True
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

_parser: Any = importlib.import_module("re._parser")
LONGEST = 6
"""Letters that are read of a beginning: more tell little more."""
MOST = 1_000
"""Beginnings of one expression; one that has more is not looked for by them."""
FEW_LETTERS, MOST_LETTERS = 8, 100
"""Members of a class that are told apart within a beginning, and as its first letter."""
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Letters one of which every match begins with, none of them empty; 0 stands for every digit.

    Attributes:
        of_words: those that stand at the beginning of a word.
        anywhere: those that may stand within one.
    """

    of_words: tuple[str, ...]
    anywhere: tuple[str, ...]


class _Head(NamedTuple):
    """How a match, or a part of one, may begin.

    Attributes:
        letters: its first letters.
        whole: whether these are all of the part, so that what follows it can be added.
        bounded: whether a boundary of a word is asked for before the first letter.
    """

    letters: str
    whole: bool
    bounded: bool


_UNKNOWN = _Head("", False, False)
_EMPTY = _Head("", True, False)
_ZERO_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")


def read_beginnings(expression: str) -> Beginnings | None:
    """What every match begins with; ``None`` when that cannot be said.

    Raises:
        re.error: the expression is not one.
    """
    parsed = _parser.parse(expression)
    if parsed.state.flags & re.IGNORECASE:
        return None
    heads = _of_sequence(parsed)
    if len(heads) > MOST or any(not head.letters for head in heads):
        return None
    return Beginnings(
        of_words=_shortest(head.letters for head in heads if _begins_a_word(head)),
        anywhere=_shortest(head.letters for head in heads if not _begins_a_word(head)),
    )


def _begins_a_word(head: _Head) -> bool:
    """A boundary before a letter is where a word begins; before anything else it is where one ends."""
    return head.bounded and bool(re.match(r"\w", head.letters))


def _shortest(beginnings: Iterable[str]) -> tuple[str, ...]:
    """In order, without those that begin with another one."""
    kept: list[str] = []
    for letters in sorted(set(beginnings)):
        if not kept or not letters.startswith(kept[-1]):
            kept.append(letters)
    return tuple(kept)


def _of_sequence(parsed: Sequence[tuple[Any, Any]]) -> set[_Head]:
    heads = {_EMPTY}
    for operator, argument in parsed:
        growing = {head for head in heads if head.whole and len(head.letters) < LONGEST}
        if not growing or len(heads) > MOST:
            break
        parts = set(_of_part(str(operator), argument))
        if str(operator) == "IN" and len(parts) > FEW_LETTERS and any(head.letters for head in growing):
            parts = {_UNKNOWN}
        heads = (heads - growing) | {_joined(head, part) for head in growing for part in parts}
    return heads


def _joined(head: _Head, part: _Head) -> _Head:
    letters = head.letters + DIGIT.sub("0", part.letters)
    bounded = head.bounded or (part.bounded and not head.letters)
    return _Head(letters[:LONGEST], part.whole and len(letters) <= LONGEST, bounded)


def _of_part(operator: str, argument: Any) -> Iterator[_Head]:  # noqa: ANN401  (a parser's own tree)
    if operator == "LITERAL":
        yield _Head(chr(argument), True, False)
    elif operator == "IN":
        yield from _of_class(argument)
    elif operator in _ZERO_WIDTH:
        yield _EMPTY._replace(bounded=str(argument) == "AT_BOUNDARY")
    elif operator == "BRANCH":
        for branch in argument[1]:
            yield from _of_sequence(branch)
    elif operator == "SUBPATTERN":
        _, added_flags, _, inner = argument
        yield from [_UNKNOWN] if added_flags & re.IGNORECASE else _of_sequence(inner)
    elif operator == "ATOMIC_GROUP":
        yield from _of_sequence(argument)
    elif operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        yield from _of_repeated(*argument)
    else:
        yield _UNKNOWN


def _of_class(members: Sequence[tuple[Any, Any]]) -> Iterator[_Head]:
    letters: set[str] = set()
    for kind, member in members:
        if str(kind) == "LITERAL":
            letters.add(chr(member))
        elif str(member) == "CATEGORY_DIGIT":
            letters.add("0")
        elif str(kind) == "RANGE" and member[1] - member[0] < MOST_LETTERS:
            letters.update(map(chr, range(member[0], member[1] + 1)))
        else:
            letters.clear()
            break
    if 0 < len(letters) <= MOST_LETTERS:
        yield from (_Head(DIGIT.sub("0", letter), True, False) for letter in letters)
    else:
        yield _UNKNOWN


def _of_repeated(least: int, most: int, inner: Sequence[tuple[Any, Any]]) -> Iterator[_Head]:
    if not least:
        yield _EMPTY
    for head in _of_sequence(inner):
        yield head if most == 1 else head._replace(whole=False)
