"""The audit log."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.pagination import Page


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
