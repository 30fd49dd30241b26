"""What product safety needs of storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from triage.domain.safety import Cluster, RegisteredEntry, SafetyEntry


class SafetyRegister(Protocol):
    """The append-only register of complaints about dangerous products, of one tenant."""

    def add(self, entry: SafetyEntry, at: datetime) -> int | None:
        """Register a complaint; returns its position, or ``None`` when the case's newest entry says the same."""

    def entries(
        self,
        *,
        case_id: str | None = None,
        model: str | None = None,
        batch: str | None = None,
        limit: int,
        after: int = 0,
    ) -> Sequence[RegisteredEntry]:
        """Entries in order; ``after`` is a position."""

    def clusters(self, since: date, *, of_batch: int, of_model: int) -> Sequence[Cluster]:
        """Batches and models with at least so many cases since a day, the largest first."""
