"""What triage found about a ticket, as the API shows it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from triage.domain.classification import AbstainReason
from triage.domain.deadline import Origin
from triage.domain.labels import Field as TicketField
from triage.domain.labels import SetBy
from triage.domain.priority import UrgencyLevel


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


class SuggestionView(_View):
    """What a model says about the category; nothing rests on it."""

    code: str
    probability: float = Field(ge=0, le=1)
    abstain_reason: AbstainReason | None
    model: str


class LabelView(_View):
    """A field as it is filled in, or as the machine proposes to fill it in."""

    field: TicketField
    value: list[str] = Field(description="one code, or any number of tags")
    set_by: SetBy
    actor: str = Field(description="`key:<id>` of a person, or the name of the model")
    at: datetime
    revision: int = Field(description="the newest message that was known then")


class CategoryView(_View):
    """The category in force: a person's, else the model's, with its calibrated probability."""

    code: str
    label: str
    probability: float = Field(ge=0, le=1)
    abstained: bool = Field(description="a person must decide")
    abstain_reason: AbstainReason | None
    alternatives: list[AlternativeView]
    prediction_set: list[str] = Field(description="holds the true code with the promised coverage")
    secondary: list[str]
    subcategory: str = Field(description="code within the category; empty when the text does not tell")
    tags: list[str] = Field(description="tags that follow from the categories in force")
    routing: str = Field("", description="queue that handles the category in force, as the taxonomy names it")
    suggested: SuggestionView | None = Field(description="what the model said, where a person decided")
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
    """A clock; it runs until a letter is sent that keeps it."""

    rule: str
    started_on: date
    nominal: date
    legal_due: date
    safe_due: date = Field(description="the working day to aim at")
    source: str
    effect: str
    origin: Origin
    evidence: str = Field(description="S act or current secondary source seen, W weak source, K nothing seen, P policy")
    caveat: str = Field(description="why the date is weaker than a statute that was read; empty for one that was")
    assumed: str
    any_reply: bool = Field(description="any letter keeps it; others run until a letter is sent that answers")
    met_on: date | None = Field(description="the day such a letter was sent; null: it runs")


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
    computed: UrgencyLevel | None = Field(description="level of the sum, where a person set another one")
