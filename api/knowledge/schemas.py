"""Passages and documents of the knowledge base."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.moments import Day
from knowledge_base.passage import Audience, ScoredPassage, SearchFilters

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


class SearchRequest(BaseModel):
    """What to look for; the same as the query parameters of GET, without a trace in access logs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"q": "błąd E18 ekspres", "products": ["BrewOne"], "languages": ["pl"], "limit": 5}]
        },
    )

    q: Words
    limit: int = Field(5, ge=1, le=50)
    audience: Audience | None = Field(None, description="`customer`: only what a customer may read")
    products: list[Label] = Field(default_factory=list, max_length=20)
    languages: list[Label] = Field(default_factory=list, max_length=20)
    document_types: list[Label] = Field(default_factory=list, max_length=20)
    valid_on: Day | None = Field(None, description="default: today")
    outdated: bool = Field(False, description="also superseded versions and what is not in force on that day")

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
            page=passage.page,
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
        )


class SearchResult(BaseModel):
    """What was found, best first; empty when the knowledge base has no answer."""

    generation: str = Field(description="the index generation that answered")
    passages: list[PassageView]


class DocumentView(BaseModel):
    """An indexed document."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    version: str
    title: str
    doc_type: str
    language: str
    audience: Audience
    valid_from: date | None
    valid_to: date | None
    product: str | None
    model: str | None
    legal_refs: list[str]
    safety: bool
    owner: str | None
    review_date: date | None
    supersedes: list[str]


class DocumentList(BaseModel):
    """Everything that is indexed."""

    generation: str
    documents: list[DocumentView]
