"""Jobs as people see them: those that were given up, and how many wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does."""

    TRIAGE = "triage"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up after ``attempts`` attempts; the case it is about waits for a person."""

    id: int
    tenant: str
    kind: JobKind
    case_id: str
    attempts: int
    given_up_at: datetime | None
