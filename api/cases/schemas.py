"""A case as the API shows it; the same names as ``triage run --json``."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.cases.reply_views import DraftView, FindingView, SummaryView
from api.cases.triage_views import (
    CategoryView,
    DeadlineView,
    FactView,
    FlagView,
    LabelView,
    RightsView,
    SuggestionView,
    UrgencyView,
)
from api.knowledge.schemas import PassageView
from api.pagination import Page
from triage.domain.case import CaseState, TriageCase
from triage.domain.classification import Classification
from triage.domain.labels import Field as TicketField
from triage.domain.labels import SetBy, label_of
from triage.domain.priority import UrgencyLevel
from triage.domain.summary import SummarySection


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


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
    replied_on: date | None = Field(description="when the newest letter left")
    answered_on: date | None = Field(description="when the newest letter left that was an answer")
    intent: str = Field(description="what the customer wants, from the summary; empty when unknown")
    reply_kind: str | None
    failed_stage: str | None
    category_by: SetBy | None = Field(description="who filled the category in; null: nobody yet")
    tags: list[str]
    assignee: str = Field(description="the actor who works on it; empty: nobody")
    team: str = Field(description="whose queue it is in; empty: everybody's")
    snoozed_until: datetime | None

    @classmethod
    def of(cls, case: TriageCase) -> CaseEntry:
        """Show a case in one line."""
        found, due = case.classification, case.next_deadline
        category, tags = label_of(case.labels, TicketField.CATEGORY), label_of(case.labels, TicketField.TAGS)
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
            replied_on=case.replied_on,
            answered_on=case.answered_on,
            intent=" ".join(line.text for line in intent),
            reply_kind=case.draft.kind if case.draft else None,
            failed_stage=case.failure.stage if case.failure else None,
            category_by=category.set_by if category else None,
            tags=list(tags.value) if tags else [],
            assignee=case.assignee,
            team=case.team,
            snoozed_until=case.snoozed_until,
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
    replied_on: date | None = Field(description="when the newest letter left")
    answered_on: date | None = Field(description="when the newest letter left that was an answer")
    rights: RightsView | None
    urgency: UrgencyView | None
    passages: list[PassageView]
    draft: DraftView | None
    findings: list[FindingView]
    summary: SummaryView | None
    failure: FailureView | None
    assignee: str = Field(description="the actor who works on it; empty: nobody")
    team: str = Field(description="whose queue it is in; empty: everybody's")
    snoozed_until: datetime | None
    rejected_because: str = Field(description="why the newest rejected draft was not sent")
    provenance: ProvenanceView
    timings_ms: dict[str, float]
    labels: list[LabelView] = Field(description="fields that are filled in, and by whom")
    proposals: list[LabelView] = Field(description="what the machine proposes for fields that are not")
    shadow: SuggestionView | None = Field(description="what a model on trial says")

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
            replied_on=case.replied_on,
            answered_on=case.answered_on,
            rights=RightsView.model_validate(case.rights) if case.rights else None,
            urgency=UrgencyView.model_validate(case.urgency) if case.urgency else None,
            passages=[PassageView.of(scored) for scored in case.passages],
            draft=DraftView.of(case.draft) if case.draft else None,
            findings=[FindingView.model_validate(finding) for finding in case.findings],
            summary=SummaryView.model_validate(case.summary) if case.summary else None,
            failure=FailureView.model_validate(case.failure) if case.failure else None,
            assignee=case.assignee,
            team=case.team,
            snoozed_until=case.snoozed_until,
            rejected_because=case.rejected_because,
            provenance=ProvenanceView.model_validate(case.provenance),
            timings_ms=dict(case.timings_ms),
            labels=[LabelView.model_validate(label) for label in case.labels],
            proposals=[LabelView.model_validate(label) for label in case.proposals],
            shadow=SuggestionView.model_validate(case.shadow) if case.shadow else None,
        )


class CasePage(Page):
    """A page of the queue, most urgent first, then by ``safe_due``."""

    cases: list[CaseEntry]
