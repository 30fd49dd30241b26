"""Which candidate stands where several recognisers claim the same text: the most certain, then the longest.

What a loser claims beyond the winner is kept as a span of its own when it is more than a guess: a missed item is worse
than an over-masked one.

>>> claims = [Candidate(2, 18, "payment_card", CHECKED), Candidate(2, 11, "phone", 1)]
>>> [span.kind for span in settle("x 4111111111111111", claims)]
['payment_card']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from triage.domain.redaction import PersonalSpan
from triage.recognisers.reading import CHECKED, Candidate

_LEAST_REST: Final = 1
_EDGES: Final = " \t\n\r\u00a0,.;:()[]\"'„”“–-"


def settle(text: str, candidates: Iterable[Candidate]) -> tuple[PersonalSpan, ...]:
    """Non-overlapping spans, in reading order."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-c.certainty, c.start - c.end, c.start)):
        overlapping = [other for other in kept if candidate.start < other.end and other.start < candidate.end]
        if not overlapping:
            kept.append(candidate)
        elif candidate.certainty >= CHECKED:
            kept.extend(_rest(text, candidate, overlapping))
    kept.sort(key=lambda candidate: candidate.start)
    return tuple(PersonalSpan(c.start, c.end, c.kind, text[c.start : c.end]) for c in kept if c.start < c.end)


def _rest(text: str, candidate: Candidate, overlapping: list[Candidate]) -> Iterator[Candidate]:
    """The pieces of ``candidate`` that nothing covers, without the separators at their edges."""
    position = candidate.start
    for other in sorted(overlapping, key=lambda c: c.start):
        yield from _trimmed(text, position, other.start, candidate)
        position = max(position, other.end)
    yield from _trimmed(text, position, candidate.end, candidate)


def _trimmed(text: str, start: int, end: int, candidate: Candidate) -> Iterator[Candidate]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(_EDGES))
    end -= len(piece) - len(piece.rstrip(_EDGES))
    if sum(character.isalnum() for character in text[start:end]) >= _LEAST_REST:
        yield Candidate(start, end, candidate.kind, candidate.certainty)
