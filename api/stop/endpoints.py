"""`/v1/stop`: one control that halts all sends and all calls of language models of the caller's tenant."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Administrator, Anybody, Lead
from api.backend import GivenBackend
from api.idempotency import Route
from api.problems import documented
from triage.domain.stops import EVERYBODY, Stop

router = APIRouter(prefix="/stop", tags=["emergency stop"], route_class=Route)


class StopRequest(BaseModel):
    """Why everything is to stop."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "wrong address in replies"}]})

    reason: str = Field(min_length=1, max_length=500, pattern=r"\S", description="kept on the audit log: no customer")


class StopView(BaseModel):
    """Whether the stop is pressed, by whom and why."""

    stopped: bool
    for_everybody: bool
    actor: str | None
    reason: str | None
    at: datetime | None

    @classmethod
    def of(cls, stop: Stop | None) -> StopView:
        """Show a stop, or that there is none."""
        if stop is None:
            return cls(stopped=False, for_everybody=False, actor=None, reason=None, at=None)
        everybody = stop.tenant == EVERYBODY
        return cls(stopped=True, for_everybody=everybody, actor=stop.actor, reason=stop.reason, at=stop.at)


class Lifted(BaseModel):
    """What the end of the stop set going again."""

    resumed: int = Field(description="approved replies that were held and are sent now")


@router.get("", summary="Is everything stopped?", responses=documented())
def state(backend: GivenBackend, caller: Anybody) -> StopView:
    """The stop the caller's tenant is under, its own or one for all tenants."""
    return StopView.of(backend.people.emergency_stop.in_force(caller.tenant))


@router.put("", summary="Stop everything", responses=documented())
def press(wanted: StopRequest, backend: GivenBackend, caller: Lead) -> StopView:
    """From the moment this answers no reply is claimed for sending and no language model is asked."""
    stop = backend.people.emergency_stop.press(caller.tenant, actor=caller.actor, reason=wanted.reason)
    return StopView.of(stop)


@router.delete("", summary="Lift the stop", responses=documented())
def lift(backend: GivenBackend, caller: Administrator) -> Lifted:
    """Go on; approved replies that were held are sent, each checked again. A stop for all tenants stays."""
    return Lifted(resumed=backend.people.emergency_stop.lift(caller.tenant, actor=caller.actor))
