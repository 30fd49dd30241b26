"""A case as the API shows it; the same names as ``triage run --json``."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.knowledge.schemas import PassageView
from api.pagination import Page
from triage.domain.case import CaseState, TriageCase
from triage.domain.classification import AbstainReason, Classification
from triage.domain.deadline import Origin
from triage.domain.priority import UrgencyLevel
from triage.domain.reply import Draft, Severity, SourceKind
from triage.domain.summary import SummarySection


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AlternativeView(_View):
    """A category the ticket might also belong to."""

    code: str
    probability: float = Field(ge=0, le=1)


class EvidenceView(_View):
    """Words that spoke for the category, with their weight in log-odds."""

    feature: str
    weight: float


class CategoryView(_View):
    """The proposed category with its calibrated probability."""

    code: str
    label: str
    probability: float = Field(ge=0, le=1)
    abstained: bool = Field(description="a person must decide")
    abstain_reason: AbstainReason | None
    alternatives: list[AlternativeView]
    prediction_set: list[str] = Field(description="holds the true code with the promised coverage")
    secondary: list[str]
    evidence: list[EvidenceView]
    neighbours: list[str]


class FlagView(_View):
    """A warning and the words that raised it."""

    code: str
    evidence: str


class FactView(_View):
    """A fact named in the text and where it stands."""

    kind: str
    value: str
    text: str
    message_id: str
    start: int
    end: int
    confidence: float


class DeadlineView(_View):
    """A running clock."""

    rule: str
    started_on: date
    nominal: date
    legal_due: date
    safe_due: date = Field(description="the working day to aim at")
    source: str
    effect: str
    origin: Origin
    evidence: str
    assumed: str


class DemandView(_View):
    """Whether the customer may ask this now, with the article; advice, never a decision."""

    demand: str
    verdict: str = Field(description="may_ask, not_yet, not_here or person_decides")
    article: str
    reason: str


class RightsView(_View):
    """The regime that governs the ticket, what was assumed, and what to find out."""

    regime: str
    articles: list[str]
    note: str
    assumed: list[str]
    questions: list[str]
    warnings: list[str]
    demands: list[DemandView]
    periods: list[DeadlineView] = Field(description="liability, presumption and other terms the desk cannot miss")


class UrgencyFactorView(_View):
    """One term of the urgency's sum."""

    name: str
    points: int
    evidence: str


class UrgencyView(_View):
    """Level and the sum it comes from."""

    level: UrgencyLevel
    score: int
    factors: list[UrgencyFactorView]
    forced_by: str | None


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


class FailureView(_View):
    """Why the pipeline stopped."""

    stage: str
    reason: str


class ProvenanceView(_View):
    """Which models, data and rules made the case's values."""

    classifier: str
    encoder: str
    index_generation: str
    rule_table: str
    composer: str
    summariser: str
    degraded: list[str]


class CaseEntry(BaseModel):
    """A case in the queue."""

    id: str = Field(description="the ticket's id")
    state: CaseState
    version: int
    updated_at: datetime
    language: str | None
    category: str | None
    probability: float | None
    abstained: bool | None
    urgency: UrgencyLevel | None
    flags: list[str]
    safe_due: date | None
    deadline_rule: str | None
    intent: str = Field(description="what the customer wants, from the summary; empty when unknown")
    reply_kind: str | None
    failed_stage: str | None

    @classmethod
    def of(cls, case: TriageCase) -> CaseEntry:
        """Show a case in one line."""
        found, due = case.classification, case.next_deadline
        intent = case.summary.of(SummarySection.INTENT) if case.summary else ()
        return cls(
            id=case.ticket_id,
            state=case.state,
            version=case.version,
            updated_at=case.updated_at,
            language=found.language if found else None,
            category=found.code if found else None,
            probability=found.probability if found else None,
            abstained=found.abstained if found else None,
            urgency=case.urgency.level if case.urgency else None,
            flags=sorted(found.flag_codes) if found else [],
            safe_due=due.safe_due if due else None,
            deadline_rule=due.rule if due else None,
            intent=" ".join(line.text for line in intent),
            reply_kind=case.draft.kind if case.draft else None,
            failed_stage=case.failure.stage if case.failure else None,
        )


class CaseView(BaseModel):
    """Everything the desk knows about a ticket; its ETag is needed for every decision."""

    id: str = Field(description="the ticket's id")
    state: CaseState
    version: int
    ticket_revision: int
    updated_at: datetime
    language: str | None
    category: CategoryView | None
    flags: list[FlagView]
    remedy_requested: list[str]
    legal_basis: str | None
    regime: str | None
    buyer: str | None
    tone: str | None
    facts: list[FactView]
    deadlines: list[DeadlineView]
    rights: RightsView | None
    urgency: UrgencyView | None
    passages: list[PassageView]
    draft: DraftView | None
    findings: list[FindingView]
    summary: SummaryView | None
    failure: FailureView | None
    provenance: ProvenanceView
    timings_ms: dict[str, float]

    @classmethod
    def of(cls, case: TriageCase) -> CaseView:
        """Show a case."""
        found: Classification | None = case.classification
        return cls(
            id=case.ticket_id,
            state=case.state,
            version=case.version,
            ticket_revision=case.ticket_revision,
            updated_at=case.updated_at,
            language=found.language if found else None,
            category=CategoryView.model_validate(found) if found else None,
            flags=[FlagView.model_validate(flag) for flag in found.flags] if found else [],
            remedy_requested=list(found.remedies) if found else [],
            legal_basis=found.legal_basis if found else None,
            regime=case.rights.regime if case.rights else (found.regime if found else None),
            buyer=found.buyer if found else None,
            tone=found.tone if found else None,
            facts=[FactView.model_validate(fact) for fact in case.facts.items],
            deadlines=[DeadlineView.model_validate(deadline) for deadline in case.deadlines],
            rights=RightsView.model_validate(case.rights) if case.rights else None,
            urgency=UrgencyView.model_validate(case.urgency) if case.urgency else None,
            passages=[PassageView.of(scored) for scored in case.passages],
            draft=DraftView.of(case.draft) if case.draft else None,
            findings=[FindingView.model_validate(finding) for finding in case.findings],
            summary=SummaryView.model_validate(case.summary) if case.summary else None,
            failure=FailureView.model_validate(case.failure) if case.failure else None,
            provenance=ProvenanceView.model_validate(case.provenance),
            timings_ms=dict(case.timings_ms),
        )


class CasePage(Page):
    """A page of the queue, most urgent first, then by ``safe_due``."""

    cases: list[CaseEntry]
