"""What comes back: the fields a program decides on, and everything else as the service said it in ``data``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """A ticket that is stored; ``created`` is false when it was there before."""

    id: str
    created: bool


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A case in the queue."""

    id: str
    state: str
    version: int
    urgency: str | None
    category: str | None
    safe_due: str | None
    data: Json = field(repr=False)

    @classmethod
    def of(cls, data: Json) -> QueueEntry:
        """Read an entry."""
        return cls(
            data["id"], data["state"], data["version"], data["urgency"], data["category"], data["safe_due"], data
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it was read; every decision is made on exactly this.

    Attributes:
        etag: goes back as ``If-Match``; empty where the answer carried none.
        draft_digest: of the words that were read; empty without a draft.
    """

    id: str
    state: str
    version: int
    etag: str
    draft_digest: str
    data: Json = field(repr=False)

    @classmethod
    def of(cls, data: Json, etag: str) -> Case:
        """Read a case and its ETag."""
        draft = data.get("draft") or {}
        return cls(data["id"], data["state"], data["version"], etag, draft.get("digest", ""), data)

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """Codes of the findings that an approval must name deliberately; read them before you do."""
        return tuple(sorted({one["code"] for one in self.data.get("findings", ()) if one["severity"] == "confirm"}))


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval; ``needs_second`` where the company's rule wants another person's yes before anything is sent."""

    id: str
    needs_second: bool
    data: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Import:
    """A bulk intake: how many lines are stored, and how many tickets still wait for their triage."""

    id: str
    state: str
    lines: int
    created: int
    known: int
    failed: int
    waiting: int
    data: Json = field(repr=False)

    @classmethod
    def of(cls, data: Json) -> Import:
        """Read an import."""
        lines, created, known = data["lines"], data["created"], data["known"]
        return cls(data["id"], data["state"], lines, created, known, data["failed"], data["waiting"], data)

    @property
    def settled(self) -> bool:
        """Whether every line was taken in and every ticket triaged."""
        return self.state == "done" and self.waiting == 0


@dataclass(frozen=True, slots=True)
class CaseChange:
    """Something changed; ``position`` leads back to behind this change."""

    position: str
    ticket_id: str
    state: str
    version: int
    at: datetime
