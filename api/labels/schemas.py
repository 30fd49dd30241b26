"""Labels, corrections and levels of automation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from triage.domain.labels import Field as TicketField
from triage.domain.labels import Level

Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^\w[\w .:+/-]*$", examples=["vip"])]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w-]+$")]


class LabelRequest(BaseModel):
    """Fields to set; one that is left out stays, `null` hands it back to the machine."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"category": "C04", "tags": ["vip"], "reason": ""}]}
    )

    category: Code | None = Field(None, description="a code of `GET /v1/taxonomy`")
    subcategory: Code | None = Field(None, description="a code within the category")
    secondary: list[Code] | None = Field(
        None, max_length=5, description="further categories the ticket is about; they start clocks too"
    )
    urgency: Literal["P1", "P2", "P3", "P4"] | None = None
    tags: list[Tag] | None = Field(None, max_length=30, description="all tags of the case")
    reason: str = Field("", max_length=500, description="needed for another urgency than the computed one")

    @property
    def changes(self) -> dict[TicketField, tuple[str, ...] | None]:
        """What was asked for, by field."""
        return {field: _values(getattr(self, field.value)) for field in TicketField if field in self.model_fields_set}


class CorrectionView(BaseModel):
    """A decision of a person about a field, beside what the machine had said."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    field: TicketField
    suggested: list[str]
    value: list[str] = Field(description="empty when the field was handed back to the machine")
    agrees: bool = Field(description="the person set what the machine had suggested")
    actor: str
    at: datetime
    model: str
    case_version: int
    revision: int
    reason: str


class CorrectionList(BaseModel):
    """All decisions about a case, oldest first."""

    corrections: list[CorrectionView]


class TagRequest(BaseModel):
    """Tags to add to and to take from many cases; what else is on them stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"cases": ["RMA-1"], "add": ["akcja-lato"], "remove": []}]}
    )

    cases: list[Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]] = Field(
        min_length=1, max_length=200
    )
    add: list[Tag] = Field(default_factory=list, max_length=30)
    remove: list[Tag] = Field(default_factory=list, max_length=30)


class TaggedView(BaseModel):
    """What became of one case."""

    model_config = ConfigDict(from_attributes=True)

    case_id: str
    outcome: Literal["tagged", "unchanged", "not_found", "on_its_way"]


class TaggedList(BaseModel):
    """What became of each case, in the order given."""

    cases: list[TaggedView]


class AutomationView(BaseModel):
    """How far the machine may go with a field."""

    model_config = ConfigDict(from_attributes=True)

    field: TicketField
    level: Level
    changed_by: str = Field(description="empty while nobody has set it")
    changed_at: datetime | None


class PromiseView(BaseModel):
    """What the model in force promises of the categories it does not abstain on."""

    model_config = ConfigDict(from_attributes=True)

    model: str
    max_error: float
    tagged_share: float = Field(description="share of its held-out tickets that it tags alone")
    tagged_error: float = Field(description="errors among those")
    held: bool = Field(description="whether any ticket can be tagged alone at that limit")


class PromiseWithOthers(PromiseView):
    """The promise in force, and what other limits would give: set one with ``TRIAGE_MAX_ERROR``."""

    others: list[PromiseView]


class AutomationList(BaseModel):
    """The level of every field, and the promise that `auto` rests on."""

    fields: list[AutomationView]
    promise: PromiseWithOthers | None


class LevelRequest(BaseModel):
    """The level to set; `auto` only where a limit on errors is promised and holds."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"level": "suggest"}]})

    level: Level


class CategoryEntry(BaseModel):
    """A category of the taxonomy."""

    code: str
    labels: dict[str, str]
    description: dict[str, str]
    routing: str
    tag: str
    subcategories: dict[str, dict[str, str]] = Field(description="labels by language, by code")


class TaxonomyView(BaseModel):
    """The categories in force."""

    version: str
    categories: list[CategoryEntry]


def _values(value: str | list[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)
