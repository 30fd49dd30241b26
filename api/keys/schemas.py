"""API keys."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.pagination import Page
from triage.domain.access import Role


class KeyRequest(BaseModel):
    """A key to make, for the caller's own tenant."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Reklamacje, zmiana A", "role": "approver"}]}
    )

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\x00-\x1f\s][^\x00-\x1f]*$")
    role: Role
    expires_in_days: int = Field(90, ge=1, le=365)


class KeyView(BaseModel):
    """A key without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewKey(KeyView):
    """A key that was just made."""

    key: str | None = Field(description="shown once, stored nowhere; null in a repeated answer")


class KeyPage(Page):
    """A page of keys."""

    keys: list[KeyView]
