"""What keeps approved replies from leaving: a stop that a person pressed, and the rest of a way out that was closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from triage.domain.deferral import Pause
from triage.domain.stops import Stop


class SendingPauses(Protocol):
    """Times in which no reply of one tenant is tried by a way out, because it was closed a moment ago."""

    def left(self, way: str) -> timedelta:
        """How long the pause of this way still lasts; zero when there is none. None is lifted before this unit ends."""

    def begin(self, way: str, length: timedelta, because: str) -> None:
        """Begin one, or prolong it; it is never shortened.

        Args:
            because: what the way out said, for people: it names no customer.
        """

    def in_force(self) -> tuple[Pause, ...]:
        """The tenant's pauses, by way."""

    def lift(self) -> tuple[Pause, ...]:
        """End them all; returns those that were in force."""


class StopSwitch(Protocol):
    """Emergency stops, as one tenant is under them."""

    def in_force(self) -> Stop | None:
        """The stop the tenant is under; none can be pressed before this unit of work ends."""

    def press(self, stop: Stop) -> bool:
        """Begin a stop; ``False`` when it was pressed before."""

    def lift(self, tenant: str) -> bool:
        """End a stop; ``False`` when there was none."""

    def tenants_waiting(self) -> tuple[str, ...]:
        """Tenants with approved replies that were not claimed yet."""
