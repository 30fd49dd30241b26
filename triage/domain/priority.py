"""Urgency: an explained sum of points, mapped to P1–P4."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Level, score (sum of points) and every factor, largest first."""

    level: UrgencyLevel
    score: int
    factors: tuple[UrgencyFactor, ...]
    forced_by: str | None = None
