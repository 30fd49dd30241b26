"""The audit log."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.pagination import Page
from triage.domain.ai_use import Outcome


class AuditEntryView(BaseModel):
    """Who did what, when; ids, digests and versions, never ticket text."""

    model_config = ConfigDict(from_attributes=True)

    position: int = Field(description="counts from 1 without gaps")
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, str]
    digest: str


class AuditPage(Page):
    """A page of the audit log."""

    intact: bool | None = Field(
        description="whether every entry fits the one before; null unless `verify` was asked for"
    )
    first_broken: int | None = Field(description="position of the first entry that does not fit")
    entries: list[AuditEntryView]


class AiUseView(BaseModel):
    """What the machine suggested for a case, by which models, and what a person made of it."""

    model_config = ConfigDict(from_attributes=True)

    position: int = Field(description="of its entry in the audit log")
    at: datetime
    case_id: str
    version: str
    models: dict[str, str]
    prompt: str = Field(description="SHA-256 of what a language model was asked; empty where none was")
    suggested: dict[str, str]
    outcome: Outcome
    corrected: list[str] = Field(description="fields a person set otherwise")
    edits: int
    decided_by: str
    decided_at: datetime | None
    approved: str = Field(description="digest of the words that were approved")
    sent: bool


class AiUseList(BaseModel):
    """Every use of the machine on one case, oldest first."""

    uses: list[AiUseView]
