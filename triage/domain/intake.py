"""A bulk intake as it goes on: lines read, tickets stored, lines refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ImportState(StrEnum):
    """Whether more lines may come."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line that was not taken and why; ``line`` counts from 1 over the whole import."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is.

    Attributes:
        lines: taken in so far, in order; a sender that was cut off goes on with the next one.
        waiting: its tickets that are not triaged yet.
    """

    tenant: str
    id: str
    state: ImportState
    lines: int
    created: int
    known: int
    failed: int
    faults: tuple[LineFault, ...]
    waiting: int
    started_at: datetime
    updated_at: datetime
