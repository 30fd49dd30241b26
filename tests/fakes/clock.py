"""A clock that stands still until it is told to move, and one that jumps under a running process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, **by: float) -> None:
        self._moment += timedelta(**by)


@dataclass(frozen=True)
class JumpingClock:
    """This machine's clock, wrong by the hours that stand in a file, or by as many the other way."""

    hours: Path
    other_way: bool = False

    def now(self) -> datetime:
        wrong_by = float(self.hours.read_text())
        return datetime.now(UTC) + timedelta(hours=-wrong_by if self.other_way else wrong_by)

    def jump(self, hours: float) -> None:
        """From the next look on; a reader never sees half a number."""
        new = self.hours.with_suffix(".new")
        new.write_text(str(hours))
        new.rename(self.hours)
