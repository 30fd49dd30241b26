"""Measured shares and differences of shares, with their 95 % intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z95 = 1.959964  # two-sided 95 % quantile of the normal distribution


@dataclass(frozen=True, slots=True)
class Share:
    """A share with the 95 % interval in which the true one lies.

    Attributes:
        count: how often it happened.
        n: of how many.
        low: lower end, in [0, 1].
        high: upper end, in [0, 1].
    """

    count: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """``count / n``; 0 for no cases."""
        return self.count / self.n if self.n else 0.0

    def __str__(self) -> str:
        return f"{100 * self.value:5.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}] n={self.n}"


def share(count: int, n: int) -> Share:
    """A share with its Wilson score interval.

    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA 22.

    >>> print(share(9, 10))
     90.0 % [59.6, 98.2] n=10
    """
    if n == 0:
        return Share(0, 0, 0.0, 1.0)
    rate = count / n
    centre = rate + _Z95**2 / (2 * n)
    spread = _Z95 * math.sqrt(rate * (1 - rate) / n + _Z95**2 / (4 * n * n))
    scale = 1 + _Z95**2 / n
    # At 0 of n and n of n the exact ends are 0 and 1; rounding would leave 1e-17 beside them.
    return Share(
        count,
        n,
        0.0 if count == 0 else (centre - spread) / scale,
        1.0 if count == n else (centre + spread) / scale,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more often one of two things happened to the same n cases, with its 95 % interval; all in [-1, 1]."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{100 * self.value:+.1f} points [{100 * self.low:+.1f}, {100 * self.high:+.1f}] n={self.n}"


def paired_difference(first_only: int, second_only: int, n: int) -> Difference:
    """Share of the second minus share of the first, both seen on the same cases.

    Args:
        first_only: cases where only the first happened; ``second_only`` likewise.
        n: all cases, those of both and of neither included.

    Source: Agresti & Min 2005, "Simple improved confidence intervals for comparing matched proportions", Statistics in
    Medicine 24 (half a case is added to each cell, which keeps the interval honest for few cases).

    >>> print(paired_difference(2, 12, 100))
    +10.0 points [+2.6, +17.0] n=100
    """
    if n == 0:
        return Difference(0.0, -1.0, 1.0, 0)
    b, c, total = first_only + 0.5, second_only + 0.5, n + 2
    centre = (c - b) / total
    spread = _Z95 * math.sqrt((b + c) - (c - b) ** 2 / total) / total
    return Difference((second_only - first_only) / n, max(-1.0, centre - spread), min(1.0, centre + spread), n)
