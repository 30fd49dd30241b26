"""Webhook endpoints, deliveries and attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.pagination import Page
from triage.domain.case import CaseState
from triage.domain.outbound import DeliveryStatus, EndpointStatus

Url = Annotated[str, Field(min_length=10, max_length=2000, pattern=r"^https?://[^\x00-\x20\x7f]+$")]


class EndpointRequest(BaseModel):
    """A receiver to tell of changes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://crm.example.com/hooks/triage", "states": ["pending_approval", "sent"]}]
        },
    )

    url: Url
    description: str = Field("", max_length=200, pattern=r"^[^\x00-\x1f]*$")
    states: list[CaseState] = Field([], max_length=20, description="states it wants to hear of; empty: all")


class EndpointChange(BaseModel):
    """Pause an endpoint, or let it go on; what changed meanwhile is delivered then."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"paused": True}]})

    paused: StrictBool


class EndpointView(BaseModel):
    """An endpoint without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    url: str
    description: str
    states: list[CaseState]
    status: EndpointStatus
    rotated_at: datetime
    created_at: datetime


class EndpointList(BaseModel):
    """All endpoints of the tenant, at most 20."""

    endpoints: list[EndpointView]


class EndpointSecret(EndpointView):
    """An endpoint whose secret was just made."""

    secret: str | None = Field(description="`whsec_…`, shown once, stored nowhere; null in a repeated answer")


class DeliveryView(BaseModel):
    """A change on its way to the endpoint."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="`webhook-id` of every attempt and replay")
    ticket_id: str
    state: CaseState
    version: int
    at: datetime
    status: DeliveryStatus
    attempts: int
    next_at: datetime
    finished_at: datetime | None


class DeliveryPage(Page):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryView]


class AttemptView(BaseModel):
    """One try: the receiver's status, or why there was no answer."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    duration_ms: int
    http_status: int | None
    error: str


class AttemptList(BaseModel):
    """Every try at a delivery."""

    attempts: list[AttemptView]
