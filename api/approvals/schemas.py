"""Decisions on a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from triage.domain.ticket import Channel
from triage.ports import ApprovalRecord

_DIGEST = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"


class ApprovalRequest(BaseModel):
    """Approve exactly the draft that was read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"draft_digest": _DIGEST, "confirmed": []}]}
    )

    draft_digest: str = Field(pattern="^[0-9a-f]{64}$", description="`draft.digest` of the case that was read")
    confirmed: list[str] = Field(
        default_factory=list, max_length=100, description="codes of the `confirm` findings ticked deliberately"
    )
    answers: StrictBool | None = Field(
        None,
        description="whether the letter is the desk's answer, so that the clocks stop that wait for one; default: "
        "whether its kind decides (`GET /v1/replies`)",
    )


class EditRequest(BaseModel):
    """The agent's own words for the draft."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"draft_digest": _DIGEST, "body": "Dzień dobry,\n\nproszę o zdjęcie tabliczki."}]
        },
    )

    draft_digest: str = Field(pattern="^[0-9a-f]{64}$", description="`draft.digest` of the case that was read")
    body: str = Field(min_length=1, max_length=50_000, pattern=r"\S")
    subject: str | None = Field(None, min_length=1, max_length=500, pattern=r"^[^\r\n]*\S[^\r\n]*$")


class RejectionRequest(BaseModel):
    """Decide that this draft is not sent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "wrong_category"}]})

    reason: str = Field(
        min_length=1, max_length=500, pattern=r"\S", description="kept with the case, not on the audit log"
    )


class ResolutionRequest(BaseModel):
    """What a person found in the helpdesk about a reply whose delivery was unknown."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"delivered": True}]})

    delivered: StrictBool


class ApprovalView(BaseModel):
    """An approval and what became of it."""

    id: str
    case: str
    actor: str
    first_actor: str = Field(description="who approved the same words before; empty where one approver is enough")
    state: Literal["granted", "claimed", "sent", "unknown", "failed", "void"]
    draft_digest: str
    case_version: int
    recipients: list[str]
    channel: Channel
    confirmed: list[str]
    approved_at: datetime
    expires_at: datetime
    delivered_at: datetime | None
    reference: str | None
    deferrals: int = Field(description="how often its sending was put off: it certainly did not leave, but may later")
    deferred_because: str = Field(description="why the last time; empty where it was not put off")
    retry_at: datetime | None = Field(
        description="when it is tried again, each thing it binds checked anew; when an unknown delivery is read back"
    )

    @classmethod
    def of(cls, record: ApprovalRecord) -> ApprovalView:
        """Show an approval."""
        approval, delivery = record.approval, record.delivery
        return cls.model_validate(
            {
                "id": approval.id,
                "case": approval.case_id,
                "actor": approval.actor,
                "first_actor": approval.first_actor,
                "state": record.state,
                "draft_digest": approval.draft_digest,
                "case_version": approval.case_version,
                "recipients": approval.recipients,
                "channel": approval.channel,
                "confirmed": approval.confirmed,
                "approved_at": approval.approved_at,
                "expires_at": approval.expires_at,
                "delivered_at": delivery.delivered_at if delivery else None,
                "reference": delivery.reference if delivery else None,
                "deferrals": record.deferrals,
                "deferred_because": record.deferred_because,
                "retry_at": record.retry_at,
            }
        )


class FirstApprovalView(BaseModel):
    """The first of two approvals a reply needs; nothing is sent on it alone."""

    model_config = ConfigDict(from_attributes=True)

    state: Literal["awaiting_second"] = "awaiting_second"
    actor: str
    draft_digest: str
    case_version: int
    confirmed: list[str]
    approved_at: datetime


class ApprovalList(BaseModel):
    """All approvals of a case, oldest first."""

    approvals: list[ApprovalView]
    awaiting_second: FirstApprovalView | None = Field(
        description="the first of two approvals, while it stands for the draft as it is now"
    )
