"""The database's time, read now and then and carried on by the monotonic clock.

When a job is due is judged by the database. A worker whose own clock is an hour ahead would otherwise put its retries
off by an hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import procrastinate


@dataclass(slots=True)
class DatabaseClock:
    """Tells the database's time; this machine's until it was read for the first time."""

    monotonic: Callable[[], float] = time.monotonic
    _read: tuple[datetime, float] | None = field(default=None, init=False)

    def now(self) -> datetime:
        """The time by the database."""
        if self._read is None:
            return datetime.now(UTC)
        at, then = self._read
        return at + timedelta(seconds=self.monotonic() - then)

    def set(self, now: datetime) -> None:
        """Go on from what the database just said."""
        self._read = now, self.monotonic()

    async def read(self, app: procrastinate.App) -> None:
        """Ask the database."""
        self.set((await app.connector.execute_query_one_async("SELECT now() AS now"))["now"])
