"""Which cases a page of the queue shows, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from triage.domain.case import CaseState
from triage.domain.labels import SetBy
from triage.domain.priority import UrgencyLevel


class QueueOrder(StrEnum):
    """What stands first."""

    URGENCY = "urgency"
    SAFE_DUE = "safe_due"
    RECEIVED = "received"
    NEWEST = "-received"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which cases a queue page shows; ``None`` means any.

    Attributes:
        assignee: an actor; empty for cases nobody works on.
        teams: cases in the queue of one of these; the empty name is everybody's queue.
        words: folded beginnings of words, all of which stand in id, subject, or the requester's name or address.
        owed: only cases in which something is still to be written: those that are open, and those closed with a letter
            that was no answer while a clock waits for one.
        asleep: whether only cases that sleep at ``now``, or only those that do not.
    """

    state: CaseState | None = None
    level: UrgencyLevel | None = None
    category: str | None = None
    safe_due_before: date | None = None
    category_by: SetBy | None = None
    tag: str | None = None
    assignee: str | None = None
    teams: frozenset[str] | None = None
    words: tuple[str, ...] = ()
    asleep: bool | None = None
    owed: bool = False
    now: datetime | None = None
    order: QueueOrder = QueueOrder.URGENCY
