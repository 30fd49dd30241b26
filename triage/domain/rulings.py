"""What the desk makes of verdicts: rulings on questions, proposed by what people say and settled by enough of them.

A passage answers a question, or misses it, when two more people say so than say the contrary. That nothing answers a
question is ruled by a person who may edit documents and by nobody else: two people who were not helped know that the
search failed them, not that no document would have helped.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from knowledge_base.rulings import Ruling, RulingKind
from triage.domain.folding import fold

#: So many more people on one side than on the other settle what a passage is to a question.
ENOUGH: Final = 2


class RulingState(StrEnum):
    """``outdated``: in force, but no document has that section in those words any more; it holds for nothing."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    OUTDATED = "outdated"
    REJECTED = "rejected"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Votes:
    """Different people on either side, each by their latest word."""

    helped: int
    did_not: int

    @property
    def kind(self) -> RulingKind:
        """What most of them say of a passage."""
        return RulingKind.ANSWERS if self.helped >= self.did_not else RulingKind.MISSES

    @property
    def enough(self) -> bool:
        """Whether they settle it."""
        return abs(self.helped - self.did_not) >= ENOUGH


@dataclass(frozen=True, slots=True)
class DeskRuling:
    """A ruling and how it came about.

    Attributes:
        question: redacted, and without the placeholders of what was.
        document_id: of the passage it is about; empty where it is about none.
        section: heading path of that passage.
        passages: content keys.
        votes: when it was last weighed.
        settled_by: who settled it; empty: people's verdicts do, and may unsettle it.
    """

    id: str
    kind: RulingKind
    question: str
    language: str
    document_id: str
    document_version: str
    section: tuple[str, ...]
    passages: tuple[str, ...]
    votes: Votes
    state: RulingState
    changed_at: datetime
    settled_by: str = ""

    @property
    def ruling(self) -> Ruling:
        """As the index takes it."""
        return Ruling(self.id, self.kind, self.question, self.passages)

    def weighed(self, votes: Votes, at: datetime) -> DeskRuling:
        """The same after more verdicts; what a person settled stays settled."""
        if self.settled_by:
            return replace(self, votes=votes)
        if self.kind is RulingKind.NOWHERE:
            return replace(self, votes=votes, changed_at=at)
        if self.state is RulingState.IN_FORCE and not self._contested(votes):
            return replace(self, votes=votes)
        state = RulingState.IN_FORCE if votes.enough else RulingState.PROPOSED
        return replace(self, kind=votes.kind, votes=votes, state=state, changed_at=at)

    def _contested(self, votes: Votes) -> bool:
        """Whether no fewer people say the contrary; old verdicts are forgotten, and silence contests nothing."""
        own, contrary = votes.helped, votes.did_not
        if self.kind is RulingKind.MISSES:
            own, contrary = contrary, own
        return contrary > 0 and contrary >= own


def ruling_id(question: str, passage: str) -> str:
    """Names the ruling on a question and a passage (its content key; empty: on the question alone)."""
    asked = " ".join(fold(question).split())
    digest = hashlib.sha256("\0".join((asked, passage)).encode("utf-8"))
    return f"rul_{digest.hexdigest()[:16]}"
