"""`/v1/sending-pauses`: ways out that rest, because the helpdesk was away or asked for patience, and their end."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.auth import Anybody, Lead
from api.backend import GivenBackend
from api.idempotency import Route
from api.problems import documented
from triage.approval import Pauses
from triage.domain.deferral import Pause

router = APIRouter(prefix="/sending-pauses", tags=["sending"], route_class=Route)


class PauseView(BaseModel):
    """A way out by which no reply is tried for a while."""

    way: str = Field(description="the server, or the outbox")
    since: datetime
    until: datetime = Field(description="replies are tried again by themselves then")
    because: str = Field(description="what it said when it was last tried")

    @classmethod
    def of(cls, pause: Pause) -> PauseView:
        """Show a pause."""
        return cls(way=pause.way, since=pause.since, until=pause.until, because=pause.because)


class PauseList(BaseModel):
    """Every way out of the tenant that rests now; none: approved replies leave at once."""

    pauses: list[PauseView]


class PausesLifted(BaseModel):
    """What the end of the pauses set going again."""

    resumed: int = Field(description="replies that were put off and are tried now")


@router.get("", summary="Which ways out rest?", responses=documented())
def pauses(backend: GivenBackend, caller: Anybody) -> PauseList:
    """The pauses of the caller's tenant; one begins when a reply certainly did not leave and may later."""
    found = Pauses(backend.unit_of_work).in_force(caller.tenant)
    return PauseList(pauses=[PauseView.of(pause) for pause in found])


@router.delete("", summary="End the pauses", responses=documented())
def lift(backend: GivenBackend, caller: Lead) -> PausesLifted:
    """Try every reply that was put off now, each checked again; one that does not leave begins the next pause."""
    return PausesLifted(resumed=Pauses(backend.unit_of_work).lift(caller.tenant, actor=caller.actor))
