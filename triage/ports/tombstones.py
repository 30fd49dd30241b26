"""What keeps an erased person from coming back: marks in the database, and their second copy beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from triage.domain.privacy import Tombstone
from triage.domain.ticket import Ticket


class TombstoneRepository(Protocol):
    """Marks of erased identifiers of one tenant."""

    def add_all(self, tombstones: Sequence[Tombstone]) -> None:
        """Store marks; a newer mark of the same identifier replaces the older one."""

    def all(self) -> tuple[Tombstone, ...]:
        """Every mark of the tenant."""

    def covering(self, tickets: Sequence[Ticket]) -> frozenset[str]:
        """Ids of those tickets that must not come back."""

    def late(self) -> tuple[Ticket, ...]:
        """Stored tickets that a mark covers all the same: a backup was restored."""

    def covers_message(self, ticket_id: str, at: datetime) -> bool:
        """Whether a message of this moment to this ticket is a late one."""


class TombstoneJournal(Protocol):
    """A second copy of the tombstones beside the database, because a restored backup does not hold the newest ones."""

    def append(self, tombstones: Sequence[Tombstone]) -> None:
        """Add marks, durably."""

    def read(self) -> tuple[Tombstone, ...]:
        """Every mark ever added."""
