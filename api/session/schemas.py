"""Logging in, and who one is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from triage.domain.access import Caller, Role, Scope


class LoginRequest(BaseModel):
    """Name and password."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "anna@example.com", "password": "cztery-słowa-bez-związku"}]},
    )

    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=256)


class PasswordRequest(BaseModel):
    """The current password and the one that replaces it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"current": "cztery-słowa-bez-związku", "new": "zupełnie inne długie zdanie 7"}]
        },
    )

    current: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=15, max_length=256)


class SessionView(BaseModel):
    """Who calls, and what they may do."""

    actor: str = Field(description="the name in approvals and in the audit log")
    role: Role
    scopes: list[Scope]
    teams: list[str]
    csrf_token: str | None = Field(description="send it as X-CSRF-Token with every write; null for an API key")

    @classmethod
    def of(cls, caller: Caller, csrf: str | None) -> SessionView:
        """Show a caller."""
        return cls(
            actor=caller.actor,
            role=caller.role,
            scopes=sorted(caller.scopes),
            teams=sorted(caller.teams),
            csrf_token=csrf,
        )
