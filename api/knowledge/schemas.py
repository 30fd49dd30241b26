"""Passages and documents of the knowledge base."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from api.moments import Day
from knowledge_base.answer import ScoredPassage, SearchFilters
from knowledge_base.passage import Audience

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]

_OUTDATED = "also superseded versions and what is not in force on that day"


class SearchParameters(BaseModel):
    """What to look for, as query parameters, in which everything is text."""

    model_config = ConfigDict(extra="forbid")

    q: Words
    limit: int = Field(5, ge=1, le=50)
    audience: Audience | None = Field(None, description="`customer`: only what a customer may read")
    products: list[Label] = Field(default_factory=list, max_length=20)
    languages: list[Label] = Field(default_factory=list, max_length=20)
    document_types: list[Label] = Field(default_factory=list, max_length=20)
    valid_on: Day | None = Field(None, description="default: today")
    outdated: bool = Field(False, description=_OUTDATED)

    @property
    def filters(self) -> SearchFilters:
        """The search's filters."""
        return SearchFilters(
            audience=self.audience,
            products=tuple(self.products),
            languages=tuple(self.languages),
            valid_on=self.valid_on,
            document_types=tuple(self.document_types),
            outdated=self.outdated,
        )


class SearchRequest(SearchParameters):
    """What to look for; the same as the query parameters of GET, without a trace in access logs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"q": "błąd E18 ekspres", "products": ["BrewOne"], "languages": ["pl"], "limit": 5}]
        }
    )

    limit: StrictInt = Field(5, ge=1, le=50)
    outdated: StrictBool = Field(False, description=_OUTDATED)


class PassageView(BaseModel):
    """A passage that answers, with the sentence that does so word for word."""

    id: str
    document: str
    version: str
    title: str
    section: list[str] = Field(description="heading path, outermost first")
    page: int | None
    language: str
    audience: Audience
    quote: str
    quote_start: int = Field(description="offset in the document's text")
    quote_end: int
    text: str
    score: float = Field(ge=0, le=1, description="estimated probability that it answers")
    bm25: float
    cosine: float
    terms: list[str] = Field(description="words that met words of the query, for highlighting")
    reasons: list[str]
    missing: list[str] = Field(description="what the question demands and this passage does not hold")

    @classmethod
    def of(cls, scored: ScoredPassage) -> PassageView:
        """Show a search result."""
        passage = scored.passage
        return cls(
            id=passage.id,
            document=passage.document_id,
            version=passage.document_version,
            title=passage.title,
            section=list(passage.section),
            page=scored.page,
            language=passage.language,
            audience=passage.audience,
            quote=scored.quote.text,
            quote_start=scored.quote.start,
            quote_end=scored.quote.end,
            text=passage.text,
            score=scored.relevance,
            bm25=scored.bm25,
            cosine=scored.cosine,
            terms=list(scored.terms),
            reasons=list(scored.why.reasons),
            missing=[one.what for one in scored.missing],
        )


class SearchResult(BaseModel):
    """What was found, best first; empty when the knowledge base has no answer."""

    search_id: str | None = Field(description="names the search in feedback; null when it could not be kept")
    generation: str = Field(description="the index generation that answered")
    degraded: str = Field(
        description="why answers are not as good as they could be: another encoder than the one asked for, or "
        "documents that are not searched because their index is being built; empty when they are"
    )
    unknown_products: list[str] = Field(
        description="products asked for that no document is about: only what is about no particular one was searched"
    )
    passages: list[PassageView]
    nearest: list[PassageView] = Field(
        description="where nothing answers: the passages that come nearest; they do not answer"
    )
    note: str = Field(
        description="what was demanded and the best passage does not hold, in the question's language; else empty"
    )


class FeedbackRequest(BaseModel):
    """Whether an answer helped."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"search_id": "0f1e2d3c4b5a6978", "helpful": True, "passages": ["M03@3.0#12"]}]
        },
    )

    search_id: str = Field(pattern="^[0-9a-f]{16}$", description="as the search gave it")
    helpful: StrictBool
    passages: list[Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]] = Field(
        default_factory=list, max_length=50, description="passages that are meant; none: the whole answer"
    )


class FeedbackKept(BaseModel):
    """The feedback was kept."""

    search_id: str
    verdicts: int


class GapView(BaseModel):
    """Questions of one kind that the knowledge base did not answer; without personal data."""

    model_config = ConfigDict(from_attributes=True)

    question: str = Field(description="the most frequent wording")
    wordings: list[str]
    language: str
    times: int
    unanswered: int = Field(description="times without any result; the others were judged not helpful")
    first_asked: datetime
    last_asked: datetime


class GapList(BaseModel):
    """What is missing in the knowledge base, the most wanted first."""

    since: datetime
    searches: int
    gaps: list[GapView]
