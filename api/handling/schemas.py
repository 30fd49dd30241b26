"""Handing a case over, letting it sleep."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.moments import Moment


class HandOver(BaseModel):
    """Whose the case is to be; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"team": "agd"}]})

    assignee: str | None = Field(None, max_length=100, description="a user's name; empty: nobody")
    team: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{0,40}$", description="a team; empty: everybody's")


class RequesterRequest(BaseModel):
    """Who asks, and where the reply goes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Anna Przykładowa", "email": "anna@example.com"}]},
    )

    name: str = Field("", max_length=200, pattern=r"^[^\x00-\x1f]*$")
    email: str = Field(max_length=320, pattern=r"^[^\s@]+@[^\s@]+$")


class Snooze(BaseModel):
    """Until when the case sleeps."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"until": "2027-11-25T08:00:00+01:00"}]})

    until: Moment | None = Field(description="null: wake it")
