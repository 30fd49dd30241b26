"""The register of complaints about dangerous products."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.pagination import Page
from triage.domain.safety import RegisteredEntry


class SafetyEntryView(BaseModel):
    """One complaint; names no person."""

    position: int = Field(description="counts from 1 without gaps")
    registered_at: datetime
    case_id: str
    received_on: date
    events: list[str] = Field(description="what happened, ids of the hazard table")
    product: str
    model: str
    batch: str
    serial: str
    article: str = Field(description="the provision that asks for the entry")
    erase_after: date

    @classmethod
    def of(cls, one: RegisteredEntry) -> SafetyEntryView:
        """Show an entry."""
        entry = one.entry
        return cls(
            position=one.position,
            registered_at=one.registered_at,
            case_id=entry.case_id,
            received_on=entry.received_on,
            events=list(entry.events),
            product=entry.product,
            model=entry.model,
            batch=entry.batch,
            serial=entry.serial,
            article=entry.article,
            erase_after=entry.erase_after,
        )


class SafetyPage(Page):
    """A page of the register."""

    entries: list[SafetyEntryView]


class ClusterView(BaseModel):
    """Complaints about one model, or one batch of it, that came in together."""

    model_config = ConfigDict(from_attributes=True)

    model: str
    batch: str = Field(description="empty for a cluster over all batches of the model")
    cases: list[str]
    events: list[str]
    first_on: date
    last_on: date


class Clusters(BaseModel):
    """Everything somebody must look at, the largest first."""

    clusters: list[ClusterView]
