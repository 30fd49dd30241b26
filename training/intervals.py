"""Confidence intervals of measured shares."""

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
