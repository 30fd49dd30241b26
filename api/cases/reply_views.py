"""The proposed reply, what its checks found and the history in short, as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from triage.domain.reply import Draft, Severity, SourceKind
from triage.domain.summary import SummarySection


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SourceView(_View):
    """What a sentence rests on."""

    kind: SourceKind
    ref: str
    quote: str


class SentenceView(BaseModel):
    """A sentence of the draft: ``body[start:end]``."""

    start: int
    end: int
    text: str
    sources: list[SourceView]


class CitationView(_View):
    """A passage quoted in the draft."""

    document: str
    version: str
    title: str
    section: str
    page: int | None
    quote: str


class DraftView(BaseModel):
    """The proposed reply; ``digest`` is what an approval names."""

    kind: str
    language: str
    subject: str
    body: str
    digest: str = Field(description="SHA-256 of what the customer would read", min_length=64, max_length=64)
    sentences: list[SentenceView]
    citations: list[CitationView]
    composer: str
    degraded: str

    @classmethod
    def of(cls, draft: Draft) -> DraftView:
        """Show a draft."""
        return cls(
            kind=draft.kind,
            language=draft.language,
            subject=draft.subject,
            body=draft.body,
            digest=draft.digest,
            sentences=[
                SentenceView(
                    start=sentence.start,
                    end=sentence.end,
                    text=draft.body[sentence.start : sentence.end],
                    sources=[SourceView.model_validate(source) for source in sentence.sources],
                )
                for sentence in draft.sentences
            ],
            citations=[CitationView.model_validate(citation) for citation in draft.citations],
            composer=draft.composer,
            degraded=draft.degraded,
        )


class FindingView(_View):
    """Something a check found: ``block`` forbids approval, ``confirm`` needs its code in ``confirmed``."""

    code: str
    severity: Severity
    message: str
    start: int
    end: int
    source: str
    suggestion: str


class SummaryLineView(_View):
    """One statement and the messages it rests on."""

    section: SummarySection
    text: str
    message_ids: list[str]


class SummaryView(_View):
    """The contact history in short."""

    lines: list[SummaryLineView]
    dropped: int
    summariser: str
