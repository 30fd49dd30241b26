"""What running the service needs of storage: dead letters, and how much work waits."""

from __future__ import annotations

from typing import Protocol

from triage.domain.jobs import DeadLetter
from triage.domain.outbound import CaseChange, ChangePosition


class ChangeFeed(Protocol):
    """Changes of cases in the order in which they were committed."""

    def after(self, position: ChangePosition, *, tenant: str | None = None, limit: int) -> tuple[CaseChange, ...]:
        """Changes behind ``position``, oldest first, of one tenant or of all."""

    def newest(self) -> ChangePosition:
        """Where a reader begins who wants only what is still to come."""


class DeadLetterList(Protocol):
    """Jobs of one tenant that were given up."""

    def page(self, *, limit: int, after: int = 0) -> tuple[DeadLetter, ...]:
        """Dead letters, oldest first; ``after`` is the last id of the page before."""

    def take(self, job_id: int) -> DeadLetter:
        """Return a dead letter that nobody else replays meanwhile.

        Raises:
            NotFound: no such dead letter in this tenant.
        """

    def requeue(self, letter: DeadLetter) -> None:
        """Let workers take the job again, with all its attempts."""
