"""Dead letters."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.pagination import Page
from triage.domain.jobs import JobKind


class DeadLetterView(BaseModel):
    """A job that was given up; its case waits for a person."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: JobKind
    case_id: str
    attempts: int = Field(description="after which it was given up")
    given_up_at: datetime | None


class DeadLetterPage(Page):
    """A page of dead letters, oldest first."""

    jobs: list[DeadLetterView]
