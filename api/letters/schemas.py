"""Letters beyond the first draft."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.cases.reply_views import SummaryView
from triage.domain.drafting import ChangeKind, Edit, SimilarCase, Suggestion, SuggestionState
from triage.domain.style import Choice, Length, Style, Tone
from triage.drafting.history import WholeHistory
from triage.drafting.redraft import Offer
from triage.drafting.review import as_document

_Kind = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
_Gap = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Fact = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\r\n⟦⟧{}]*[^\s⟦⟧{}][^\r\n⟦⟧{}]*$")]


class OfferView(BaseModel):
    """A kind of letter; one that decides is written only when a person picks it."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    language: str
    decision: bool
    facts: dict[str, str] = Field(description="gaps of the template and what to fill in")


class OfferList(BaseModel):
    """All kinds of letters in one language."""

    replies: list[OfferView]

    @classmethod
    def of(cls, offers: tuple[Offer, ...]) -> OfferList:
        """Show the offers."""
        return cls(replies=[OfferView.model_validate(offer) for offer in offers])


class RedraftRequest(BaseModel):
    """What the agent picks; nothing picked gives the letter the composer would choose."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decision": "ACCEPT_REPAIR",
                    "facts": {"pickup_on": "2026-11-26", "repair_by": "2026-12-09"},
                    "tone": "formal",
                    "length": "long",
                }
            ]
        },
    )

    decision: _Kind | None = Field(None, description="a kind that decides, from `GET /v1/replies`")
    facts: dict[_Gap, _Fact] = Field(
        default_factory=dict, max_length=40, description="values for the template's gaps; each is marked for a tick"
    )
    tone: Tone | None = Field(None, description="default: the company's")
    length: Length | None = Field(
        None, description="default: the company's; short leaves out courtesy and explanations"
    )

    def choice(self, preset: Style) -> Choice:
        """The core's value."""
        style = Style(self.tone or preset.tone, self.length or preset.length)
        return Choice(self.decision, style, self.facts)


class ChangeView(BaseModel):
    """A sentence added, removed or reworded; names and numbers are placeholders."""

    model_config = ConfigDict(from_attributes=True)

    kind: ChangeKind
    before: str
    after: str


class EditView(BaseModel):
    """What an agent did to a draft."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    case_version: int
    actor: str
    at: datetime
    reply_kind: str
    composer: str
    before_digest: str
    after_digest: str
    distance: float = Field(ge=0, le=1, description="word-level Levenshtein distance over the longer letter's words")
    changes: list[ChangeView]


class EditList(BaseModel):
    """All edits of a case's drafts, oldest first."""

    edits: list[EditView]

    @classmethod
    def of(cls, edits: tuple[Edit, ...]) -> EditList:
        """Show the edits."""
        return cls(edits=[EditView.model_validate(edit) for edit in edits])


class SimilarView(BaseModel):
    """A solved case of this tenant, pseudonymised."""

    case: str
    similarity: float = Field(ge=-1.001, le=1.001, description="cosine of the two problems")
    category: str
    language: str
    reply_kind: str = Field(description="the letter that was approved: what was decided, where it decides")
    state: str = Field(description="state of that case now")
    problem: str
    reply: str
    solved_at: datetime

    @classmethod
    def of(cls, found: SimilarCase) -> SimilarView:
        """Show a similar case."""
        solved = found.solved
        return cls(
            case=solved.case_id,
            similarity=found.similarity,
            category=solved.category,
            language=solved.language,
            reply_kind=solved.reply_kind,
            state=found.state,
            problem=solved.problem,
            reply=solved.reply,
            solved_at=solved.solved_at,
        )


class SimilarList(BaseModel):
    """Nearest solved cases, nearest first."""

    similar: list[SimilarView]

    @classmethod
    def of(cls, found: tuple[SimilarCase, ...]) -> SimilarList:
        """Show similar cases."""
        return cls(similar=[SimilarView.of(one) for one in found])


class HistoryView(BaseModel):
    """One summary across every ticket of the same customer or device."""

    tickets: list[str] = Field(description="oldest first")
    messages: int = Field(ge=0, description="messages that were read")
    summary: SummaryView = Field(description="message ids are `<ticket>/<message>`")

    @classmethod
    def of(cls, history: WholeHistory) -> HistoryView:
        """Show a history."""
        return cls(
            tickets=list(history.tickets),
            messages=history.messages,
            summary=SummaryView.model_validate(history.summary),
        )


class SuggestionView(BaseModel):
    """A wording agents arrived at, pseudonymised, and whether it was reviewed."""

    id: str
    reply_kind: str
    language: str
    text: str
    seen: int = Field(ge=1, description="approved letters that said nearly the same")
    cases: list[str]
    state: SuggestionState
    created_at: datetime
    decided_by: str
    decided_at: datetime | None
    document: str | None = Field(description="once accepted: the file to put into the company's or documents folder")

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionView:
        """Show a suggestion."""
        accepted = suggestion.state in (SuggestionState.TEMPLATE, SuggestionState.KNOWLEDGE)
        return cls(
            id=suggestion.id,
            reply_kind=suggestion.reply_kind,
            language=suggestion.language,
            text=suggestion.text,
            seen=suggestion.seen,
            cases=list(suggestion.cases),
            state=suggestion.state,
            created_at=suggestion.created_at,
            decided_by=suggestion.decided_by,
            decided_at=suggestion.decided_at,
            document=as_document(suggestion) if accepted else None,
        )


class SuggestionList(BaseModel):
    """Suggested wordings, the most often seen first."""

    suggestions: list[SuggestionView]


class ReviewRequest(BaseModel):
    """What becomes of a suggestion."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"state": "knowledge"}]})

    state: Literal["template", "knowledge", "rejected"]
    text: str | None = Field(None, min_length=1, max_length=50_000, pattern=r"\S", description="your own wording of it")
