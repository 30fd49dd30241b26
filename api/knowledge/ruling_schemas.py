"""Rulings on questions: what verdicts teach search."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.knowledge.schemas import Words
from knowledge_base.rulings import RulingKind
from triage.domain.rulings import DeskRuling, RulingState

RulingId = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f/]+$", max_length=100, examples=["rul_0f1e2d3c4b5a6978"])]


class RulingView(BaseModel):
    """A ruling on a question; without personal data."""

    id: str
    kind: RulingKind = Field(description="a passage answers the question, misses it, or it is answered nowhere")
    question: str
    language: str
    document: str | None = Field(description="of the passage it is about; null for `nowhere`")
    version: str | None = Field(
        description="that was judged; it holds for every version with that section in those words"
    )
    section: list[str] = Field(description="heading path, outermost first")
    helped: int = Field(description="different people whose latest word is that it helped")
    did_not: int
    state: RulingState = Field(description="`outdated`: no document has that section in those words any more")
    changed_at: datetime
    settled_by: str | None = Field(description="who settled it; null: people's verdicts do")

    @classmethod
    def of(cls, ruling: DeskRuling) -> RulingView:
        """Show a ruling."""
        return cls(
            id=ruling.id,
            kind=ruling.kind,
            question=ruling.question,
            language=ruling.language,
            document=ruling.document_id or None,
            version=ruling.document_version or None,
            section=list(ruling.section),
            helped=ruling.votes.helped,
            did_not=ruling.votes.did_not,
            state=ruling.state,
            changed_at=ruling.changed_at,
            settled_by=ruling.settled_by or None,
        )


class RulingList(BaseModel):
    """Rulings, those that most people stand for first."""

    rulings: list[RulingView]


class Lesson(BaseModel):
    """A question and the passage that answers it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "ile czekam na część, której nie macie", "passage": "M10@2.1#3"}]},
    )

    question: Words = Field(description="as people ask it; kept without personal data")
    passage: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]+$")] = Field(
        description="id of a passage, as searches show it"
    )


class RulingReview(BaseModel):
    """What becomes of a ruling."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "accept"}]})

    decision: Literal["accept", "reject", "undo"] = Field(
        description="accept: put in force on the text as it stands now; reject: a proposal; undo: what is in force"
    )
