"""What is learnt from letters people wrote: changes to drafts, suggested wordings, solved cases. Pseudonymised text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.ticket import require_aware


class ChangeKind(StrEnum):
    """What was done to a sentence."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"


@dataclass(frozen=True, slots=True)
class Change:
    """A place where an agent's letter differs from the draft; names, numbers and addresses are placeholders."""

    kind: ChangeKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What an agent did to a draft.

    Attributes:
        reply_kind: kind of the letter (``ACK`` …).
        composer: who had written the draft before.
        distance: word-level Levenshtein distance over the longer letter's words, in [0, 1]; 0 is the same text.
    """

    id: str
    case_id: str
    case_version: int
    actor: str
    at: datetime
    reply_kind: str
    language: str
    composer: str
    before_digest: str
    after_digest: str
    distance: float
    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        require_aware(self.at, "edit.at")


class SuggestionState(StrEnum):
    """Where a suggestion stands: nothing becomes a template or an entry before a person has looked."""

    OPEN = "open"
    TEMPLATE = "template"
    KNOWLEDGE = "knowledge"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edited letter that was approved: a candidate for a template or a knowledge-base entry.

    Attributes:
        text: the letter, pseudonymised.
        seen: how many approved letters said nearly the same.
        cases: ids of their cases.
    """

    id: str
    reply_kind: str
    language: str
    text: str
    seen: int
    cases: tuple[str, ...]
    state: SuggestionState
    created_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SolvedCase:
    """A case whose reply was approved, as others may see it.

    Attributes:
        reply_kind: kind of the approved letter: what was decided, where it decides.
        problem: what the customer wrote, pseudonymised.
        reply: the approved letter, pseudonymised.
        vector: unit-length float32 vector of the problem, little-endian bytes.
        encoder: which encoder made the vector.
    """

    case_id: str
    category: str
    language: str
    reply_kind: str
    problem: str
    reply: str
    solved_at: datetime
    encoder: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A solved case and how near it is: cosine in [-1, 1]; ``state`` is that of its case now."""

    solved: SolvedCase
    similarity: float
    state: str
