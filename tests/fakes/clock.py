"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, **by: float) -> None:
        self._moment += timedelta(**by)
