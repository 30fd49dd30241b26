"""When a reply that certainly did not leave is tried again, and when a person gets it back instead.

Only a sender that is certain that nothing was taken says so (:class:`~triage.errors.DeliveryDeferred`); what is unclear
is never tried again. The waits are the example schedule of the Standard Webhooks specification, cut to the day an
approval lives. The tenant's other replies wait with it for a moment, so that a server that is away, or asked for
patience, is not asked by each in turn; what it said of one tenant's reply is not held against another's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

WAITS = tuple(timedelta(seconds=one) for one in (5, 60, 300, 1800, 7200, 18_000, 32_400))
SPREAD = 0.2
PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A way out that rests for one tenant; times by the database's clock.

    Attributes:
        because: what it said when it was last tried.
    """

    way: str
    since: datetime
    until: datetime
    because: str


def next_try(
    deferrals: int, asked: timedelta, left: timedelta, chance: Callable[[float, float], float] = random.uniform
) -> timedelta | None:
    """How long a reply waits for its next try; ``None`` when there is none.

    Args:
        deferrals: how often it was put off before.
        asked: how long the server asked to be left alone; zero where it did not say. It is never called earlier.
        left: how long the approval still holds.

    >>> next_try(1, timedelta(0), timedelta(hours=24), lambda low, high: high)
    datetime.timedelta(seconds=72)
    >>> next_try(0, timedelta(hours=2), timedelta(hours=1)) is None
    True
    """
    if deferrals >= len(WAITS):
        return None
    own = WAITS[deferrals] * chance(1 - SPREAD, 1 + SPREAD)
    wait = max(own, asked * chance(1, 1 + SPREAD / 10))
    return wait if wait < left else None


def pause_for_all(asked: timedelta) -> timedelta:
    """How long no other reply of the tenant is tried; at most an hour, then one of them asks again.

    >>> pause_for_all(timedelta(0)), pause_for_all(timedelta(days=3))
    (datetime.timedelta(seconds=30), datetime.timedelta(seconds=3600))
    """
    return min(max(asked, PAUSE), LONGEST_PAUSE)
