"""What running the service needs of storage: dead letters, and how much work waits."""

from __future__ import annotations

from typing import Protocol

from triage.domain.jobs import DeadLetter


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
