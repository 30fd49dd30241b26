"""Urgency: an explained sum of points, mapped to P1–P4."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class UrgencyLevel(StrEnum):
    """P1 critical … P4 low; sorts by urgency, most urgent first."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


@dataclass(frozen=True, slots=True)
class UrgencyFactor:
    """One term of the sum: its name, its points and the words or dates that triggered it."""

    name: str
    points: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Urgency:
    """Level, score (sum of points) and every factor, largest first.

    Attributes:
        level: the level in force.
        forced_by: flag that forces P1 whatever the sum.
        computed: the level of the sum and its flags, where a person set another one; else ``None``.
    """

    level: UrgencyLevel
    score: int
    factors: tuple[UrgencyFactor, ...]
    forced_by: str | None = None
    computed: UrgencyLevel | None = None

    @property
    def suggestion(self) -> UrgencyLevel:
        """What the sum and its flags say, whoever decided."""
        return self.computed or self.level

    def decided_as(self, level: UrgencyLevel) -> Urgency:
        """The urgency with a person's level in force and the computed one beside it."""
        return replace(self, level=level, computed=self.suggestion)

    def handed_back(self) -> Urgency:
        """The urgency with the computed level in force again."""
        return replace(self, level=self.suggestion, computed=None)
