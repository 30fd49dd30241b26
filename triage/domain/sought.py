r"""Patterns that are rarely found: one is tried only where a match may begin, or where its letters are in the text.

A pattern of many words costs a regular expression a try at every place of a text, while to see that its words are not
there costs next to nothing. Sound by construction: what every match begins with, and what it holds, is read from the
expression's own tree; where nothing can be said, the pattern is looked for everywhere.

>>> sought = Sought(r"\b(zwrot|wymian)\w* .{0,20}(towaru|sprzetu)\b")
>>> sought.may_be_in("towaru nie bylo"), sought.may_be_in("zwrot pieniedzy"), sought.may_be_in("zwrot towaru")
(False, False, True)
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.domain.beginnings import read_beginnings
from triage.domain.starts import Starts

_parser: Any = importlib.import_module("re._parser")
LEAST_LETTERS = 2
_Test = Callable[[str], bool]
"""Whether a text holds what a match, or a part of one, needs."""
_Need = str | _Test
"""Letters that a match, or a part of one, holds; or what tells whether a text has them."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A regular expression that is looked for only where it may be found.

    Raises:
        re.error: the expression is not one.
    """

    expression: str
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)
    may_be_in: _Test = field(init=False, repr=False, compare=False)
    _starts: Starts | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        beginnings = read_beginnings(self.expression)
        object.__setattr__(self, "pattern", re.compile(self.expression))
        object.__setattr__(self, "may_be_in", _test_of(_of_sequence(_parser.parse(self.expression))))
        object.__setattr__(self, "_starts", Starts.of(beginnings) if beginnings else None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match, in order."""
        if self._starts is not None:
            starts = self._starts.within(text)
            return self._from(starts, text) if starts else iter(())
        return self.pattern.finditer(text) if self.may_be_in(text) else iter(())

    def search(self, text: str) -> re.Match[str] | None:
        """The first match."""
        return next(self.finditer(text), None)

    def _from(self, starts: Sequence[int], text: str) -> Iterator[re.Match[str]]:
        """Matches that begin at one of some places and not within the one before."""
        end = 0
        for start in starts:
            if start >= end and (match := self.pattern.match(text, start)):
                yield match
                end = match.end()


def _always(text: str) -> bool:
    return True


def _test_of(need: _Need | None) -> _Test:
    if need is None:
        return _always
    return need if callable(need) else _every([need])


def _of_sequence(parsed: Sequence[tuple[Any, Any]]) -> _Need | None:
    """All that the parts of a sequence need; ``None`` when that is nothing."""
    needs: list[_Need] = []
    run = ""
    for operator, argument in [*parsed, (None, None)]:
        if str(operator) == "LITERAL":
            run += chr(argument)
            continue
        if len(run) >= LEAST_LETTERS:
            needs.append(run)
        run = ""
        if need := _of_part(str(operator), argument):
            needs.append(need)
    return needs[0] if len(needs) == 1 else _every(needs) if needs else None


def _of_part(operator: str, argument: Any) -> _Need | None:  # noqa: ANN401  (a parser's own tree)
    if operator == "SUBPATTERN":
        _, added_flags, _, inner = argument
        return None if added_flags & re.IGNORECASE else _of_sequence(inner)
    if operator == "ATOMIC_GROUP":
        return _of_sequence(argument)
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, inner = argument
        return _of_sequence(inner) if least else None
    if operator == "BRANCH":
        branches = [_of_sequence(branch) for branch in argument[1]]
        needing = [branch for branch in branches if branch is not None]
        return _any_one(needing) if len(needing) == len(branches) else None
    return None


# plain loops: a generator for each of many small tests would cost more than the tests
def _every(needs: Sequence[_Need]) -> _Test:
    pieces, tests = _by_kind(needs)

    def test(text: str) -> bool:
        for piece in pieces:
            if piece not in text:
                return False
        for one in tests:
            if not one(text):
                return False
        return True

    return test


def _any_one(needs: Sequence[_Need]) -> _Test:
    pieces, tests = _by_kind(needs)

    def test(text: str) -> bool:
        for piece in pieces:
            if piece in text:
                return True
        for one in tests:
            if one(text):
                return True
        return False

    return test


def _by_kind(needs: Sequence[_Need]) -> tuple[tuple[str, ...], tuple[_Test, ...]]:
    """Pieces, the longest and rarest first, and tests: to look for a piece costs less than to ask a test for it."""
    pieces = sorted((need for need in needs if isinstance(need, str)), key=len, reverse=True)
    return tuple(pieces), tuple(need for need in needs if not isinstance(need, str))
