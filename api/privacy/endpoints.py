"""`/v1/privacy`: who is asked for stands in bodies only, because addresses of requests are logged."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import PrivacyOfficer
from api.backend import GivenBackend
from api.idempotency import PARAMETER, SHOWN_ONCE, Route
from api.privacy.schemas import ErasedView, EraseRequest, ExportView, PersonRequest, PlanView, RetentionView
from api.problems import documented

router = APIRouter(prefix="/privacy", tags=["privacy"], route_class=Route)
_REPEATABLE = {"parameters": [PARAMETER]}


@router.post("/plan", summary="Dry run of an erasure", openapi_extra=_REPEATABLE, responses=documented(409))
def plan(wanted: PersonRequest, backend: GivenBackend, caller: PrivacyOfficer) -> PlanView:
    """Look a person up: their tickets, who mentions them, and what an erasure would do by which law."""
    return PlanView.of(backend.privacy.desk.plan(caller.tenant, wanted.person()))


@router.post("/erase", summary="Erase a person", openapi_extra=_REPEATABLE, responses=documented(409, 412))
def erase(wanted: EraseRequest, backend: GivenBackend, caller: PrivacyOfficer) -> ErasedView:
    """Erase as the plan that was read says, then rewrite the tables so that the bytes go too."""
    person = wanted.person.person()
    report = backend.privacy.desk.erase(caller.tenant, person, actor=caller.actor, plan_digest=wanted.plan_digest)
    scrubbed = backend.privacy.scrub()
    return ErasedView.of(report, scrubbed.tables, scrubbed.left)


@router.post(
    "/export",
    summary="Copy a person's data",
    openapi_extra={**_REPEATABLE, SHOWN_ONCE: ["data", "text"]},
    responses=documented(409),
)
def export(wanted: PersonRequest, backend: GivenBackend, caller: PrivacyOfficer) -> ExportView:
    """Everything stored about a person (GDPR art. 15 and 20); the answer itself is stored nowhere."""
    made = backend.privacy.desk.export(caller.tenant, wanted.person(), actor=caller.actor)
    return ExportView(data=dict(made.data), text=made.text)


@router.get("/retention", summary="Dry run of the retention schedule", responses=documented())
def retention(backend: GivenBackend, caller: PrivacyOfficer) -> RetentionView:
    """What is older than its term, by class."""
    return RetentionView.of(backend.privacy.desk.plan_retention(caller.tenant), applied=False)


@router.post(
    "/retention", summary="Carry out the retention schedule", openapi_extra=_REPEATABLE, responses=documented(409)
)
def apply_retention(backend: GivenBackend, caller: PrivacyOfficer) -> RetentionView:
    """Delete what is older than its term."""
    done = backend.privacy.desk.apply_retention(caller.tenant, actor=caller.actor)
    return RetentionView.of(done, applied=True)
