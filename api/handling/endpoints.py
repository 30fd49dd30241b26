"""`/v1/cases/{id}/handover`, `/snooze`, `/reopen`, `/requester`: made on the case as it was read (If-Match)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.auth import Editor
from api.backend import GivenBackend
from api.cases.schemas import CaseEntry
from api.etags import VersionRead, etag_of
from api.handling.schemas import HandOver, RequesterRequest, Snooze
from api.idempotency import PARAMETER, Route
from api.problems import documented
from api.reach import CaseId
from triage.domain.case import TriageCase
from triage.domain.ticket import Requester

router = APIRouter(prefix="/cases", tags=["handling"], route_class=Route)
_POST = {"parameters": [PARAMETER]}
_CHANGE = documented(404, 409, 412, 428)


@router.post("/{case_id:path}/handover", summary="Hand a case over", openapi_extra=_POST, responses=_CHANGE)
def hand_over(
    case_id: CaseId,
    wanted: HandOver,
    backend: GivenBackend,
    caller: Editor,
    version_read: VersionRead,
    response: Response,
) -> CaseEntry:
    """Give the case to a person or to a team's queue; a first of two approvals goes with it."""
    handling = backend.people.handling
    case = handling.hand_over(
        caller.tenant,
        case_id,
        actor=caller.actor,
        version_read=version_read,
        assignee=wanted.assignee,
        team=wanted.team,
    )
    return _shown(case, response)


@router.post("/{case_id:path}/snooze", summary="Let a case sleep", openapi_extra=_POST, responses=_CHANGE)
def snooze(
    case_id: CaseId,
    wanted: Snooze,
    backend: GivenBackend,
    caller: Editor,
    version_read: VersionRead,
    response: Response,
) -> CaseEntry:
    """Take the case out of the queue until a moment; it comes back by itself then, or with a newer message."""
    case = backend.people.handling.snooze(
        caller.tenant, case_id, actor=caller.actor, version_read=version_read, until=wanted.until
    )
    return _shown(case, response)


@router.put("/{case_id:path}/requester", summary="Say who asks", responses=_CHANGE)
def set_requester(
    case_id: CaseId,
    wanted: RequesterRequest,
    backend: GivenBackend,
    caller: Editor,
    version_read: VersionRead,
    response: Response,
) -> CaseEntry:
    """Say who asks and where the reply goes, where a ticket came without an address or with a wrong one.

    A first of two approvals is void, as it was given without this address.
    """
    case = backend.people.handling.set_requester(
        caller.tenant,
        case_id,
        actor=caller.actor,
        version_read=version_read,
        requester=Requester(wanted.name, wanted.email),
    )
    return _shown(case, response)


@router.post(
    "/{case_id:path}/reopen", status_code=202, summary="Take a case up again", openapi_extra=_POST, responses=_CHANGE
)
def reopen(
    case_id: CaseId, backend: GivenBackend, caller: Editor, version_read: VersionRead, response: Response
) -> CaseEntry:
    """Triage a case again whose reply was sent or rejected; what was sent stays on record."""
    case = backend.people.handling.reopen(caller.tenant, case_id, actor=caller.actor, version_read=version_read)
    return _shown(case, response)


def _shown(case: TriageCase, response: Response) -> CaseEntry:
    response.headers["ETag"] = etag_of(case)
    return CaseEntry.of(case)
