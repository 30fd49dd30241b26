"""The emergency stop: while it is pressed, no reply leaves and no language model is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EVERYBODY = "*"
"""The tenant of a stop that holds for all of them."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that is pressed; ``reason`` is for people and names no customer."""

    tenant: str
    actor: str
    reason: str
    at: datetime
