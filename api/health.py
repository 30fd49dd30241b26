"""Probes: ``/live`` says the process runs, ``/ready`` that it can do its work (the LLM is never part of that)."""

from __future__ import annotations

import logging
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.backend import Backend, GivenBackend
from triage.domain.stops import EVERYBODY
from triage.errors import StorageError

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])

State = Literal["ok", "failed"]


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Every part the service needs; why one failed is in the log."""

    status: State
    checks: dict[str, State]
    stopped: bool = Field(description="the emergency stop for all tenants is pressed: nothing is sent")


@router.get("/live", summary="Does the process answer?")
async def live() -> Liveness:
    """Answers without asking anything else."""
    return Liveness()


@router.get(
    "/ready", summary="Can it do its work?", responses={503: {"model": Readiness, "description": "A part failed"}}
)
def ready(backend: GivenBackend, response: Response) -> Readiness:
    """Asks database, migrations, index, classifier and disk."""
    checks: dict[str, State] = {}
    for name, check in backend.checks.items():
        try:
            check()
            checks[name] = "ok"
        except Exception as exc:
            # a probe must answer whatever is broken
            logger.warning("not ready", extra={"action": "not_ready", "check": name, "error": type(exc).__name__})
            checks[name] = "failed"
    status: State = "failed" if "failed" in checks.values() else "ok"
    response.status_code = 200 if status == "ok" else 503
    return Readiness(status=status, checks=checks, stopped=_stopped(backend))


def _stopped(backend: Backend) -> bool:
    try:
        return backend.people.emergency_stop.is_stopped(EVERYBODY)
    except StorageError:
        return False  # the failed check of the database says more
