"""What the core needs of storage about approvals: who decided what, what became of it, and who may still decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from triage.domain.four_eyes import FirstApproval
from triage.domain.reply import Approval, Delivery


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """An approval with what happened to it: ``granted``, ``claimed``, ``sent``, ``unknown``, ``failed`` or ``void``.

    Attributes:
        deferrals: how often its sending was put off, because it certainly failed and may succeed later.
        deferred_because: why the last time.
        retry_at: when it is tried again, or read back where it is unknown, by the database's clock; ``None``: never.
        waits: whether that time is still to come, by the same clock.
    """

    approval: Approval
    state: str
    delivery: Delivery | None = None
    deferrals: int = 0
    deferred_because: str = ""
    retry_at: datetime | None = None
    waits: bool = False


class ApprovalRepository(Protocol):
    """Stored approvals of one tenant."""

    def add(self, approval: Approval) -> None:
        """Store a granted approval.

        Raises:
            AlreadyDecided: the case has an approval that is not void.
        """

    def get(self, approval_id: str, *, for_update: bool = False) -> ApprovalRecord:
        """Return an approval.

        Raises:
            NotFound: no such approval in this tenant.
        """

    def of_case(self, case_id: str) -> tuple[ApprovalRecord, ...]:
        """All approvals of a case, oldest first."""

    def granted(self) -> tuple[Approval, ...]:
        """Approvals whose reply was not claimed yet, oldest first."""

    def mark(self, approval_id: str, state: str, delivery: Delivery | None = None) -> None:
        """Record what happened to an approval."""

    def put_off(self, approval_id: str, wait: timedelta) -> None:
        """Keep a granted approval's reply from being claimed, or an unknown one from being read back, for a while.

        A worker enqueues it again then.
        """

    def defer(self, approval_id: str, wait: timedelta, because: str) -> None:
        """Put a claimed approval back to ``granted`` and its reply off, because it certainly did not leave."""

    def wake(self) -> tuple[Approval, ...]:
        """End the wait of every reply that was put off; the caller enqueues them.

        Left out is what is being claimed at this moment.
        """


class FirstApprovals(Protocol):
    """What the first of two approvers decided, of one tenant; at most one a case."""

    def of_case(self, case_id: str) -> FirstApproval | None:
        """The newest first approval of a case, whether or not it still stands."""

    def keep(self, first: FirstApproval) -> None:
        """Store a first approval in place of an older one."""


class Deciders(Protocol):
    """Who may decide about replies, of one tenant."""

    def withdrawn(self, actor: str) -> bool:
        """Whether this person or key was known here and may decide no more (revoked, expired, disabled, demoted)."""
