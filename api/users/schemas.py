"""Users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.pagination import Page
from triage.domain.access import Role
from triage.domain.people import User

Team = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class UserRequest(BaseModel):
    """A user to add to the caller's tenant."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "anna@example.com",
                    "role": "agent",
                    "teams": ["agd"],
                    "password": "cztery-słowa-bez-związku",
                }
            ]
        },
    )

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")
    role: Role
    teams: list[Team] = Field(default_factory=list, max_length=50)
    password: str | None = Field(None, min_length=15, max_length=256, description="null: single sign-on only")


class UserChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "approver", "teams": ["agd"]}]})

    role: Role | None = None
    teams: list[Team] | None = Field(None, max_length=50)
    disabled: StrictBool | None = None
    password: str | None = Field(None, min_length=15, max_length=256)


class UserView(BaseModel):
    """A user without the password."""

    id: str
    name: str
    role: Role
    teams: list[str]
    has_password: bool
    single_sign_on: bool
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, user: User) -> UserView:
        """Show a user."""
        return cls(
            id=user.id,
            name=user.name,
            role=user.role,
            teams=sorted(user.teams),
            has_password=user.password_hash is not None,
            single_sign_on=user.subject is not None,
            created_at=user.created_at,
            disabled_at=user.disabled_at,
        )


class UserPage(Page):
    """A page of users."""

    users: list[UserView]
