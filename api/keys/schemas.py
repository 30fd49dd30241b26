"""API keys."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from api.pagination import Page
from triage.domain.access import Role, Scope
from triage.domain.api_keys import ApiKey


class KeyRequest(BaseModel):
    """A key to make, for the caller's own tenant."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Reklamacje, zmiana A", "role": "approver"}]}
    )

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\x00-\x1f\s][^\x00-\x1f]*$")
    role: Role
    expires_in_days: StrictInt = Field(90, ge=1, le=365)
    scopes: list[Scope] | None = Field(
        None,
        min_length=1,
        max_length=20,
        description="narrows the key to these of its role's scopes; null: all of them",
    )


class KeyView(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    role: Role
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyView:
        """Show a key."""
        return cls(
            id=key.id,
            name=key.name,
            role=key.role,
            scopes=sorted(key.caller.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


class NewKey(KeyView):
    """A key that was just made."""

    key: str | None = Field(description="shown once, stored nowhere; null in a repeated answer")


class KeyPage(Page):
    """A page of keys."""

    keys: list[KeyView]
