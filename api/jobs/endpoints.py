"""`/v1/jobs/dead`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Administrator
from api.backend import GivenBackend
from api.idempotency import PARAMETER, Route
from api.jobs.schemas import DeadLetterPage, DeadLetterView
from api.pagination import Cursor, Limit, cursor_after, invalid_cursor, position_of
from api.problems import documented
from triage.errors import NotFound
from triage.operations import replay

router = APIRouter(prefix="/jobs/dead", tags=["jobs"], route_class=Route)
_MAX_ID = 2**63 - 1
JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["4711"])]


@router.get("", summary="List jobs that were given up", responses=documented())
def listing(backend: GivenBackend, caller: Administrator, limit: Limit = 50, cursor: Cursor = None) -> DeadLetterPage:
    """Jobs that failed, or took their worker down, five times."""
    after = _number(cursor) if cursor is not None else 0
    with backend.unit_of_work(caller.tenant) as uow:
        found = uow.dead_letters.page(limit=limit + 1, after=after)
    page = [DeadLetterView.model_validate(one) for one in found[:limit]]
    return DeadLetterPage(jobs=page, next=cursor_after(str(page[-1].id)) if len(found) > limit else None)


@router.post(
    "/{job_id}/replay",
    status_code=202,
    summary="Do a job again",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(404, 409),
)
def do_again(job_id: JobId, backend: GivenBackend, caller: Administrator) -> DeadLetterView:
    """Queue the job with all its attempts. A triage starts anew; a send only reads back what became of the reply."""
    if not job_id.isdigit() or int(job_id) > _MAX_ID:
        raise NotFound("There is no such dead letter.")
    letter = replay(backend.unit_of_work, backend.clock, caller.tenant, int(job_id), actor=caller.actor)
    return DeadLetterView.model_validate(letter)


def _number(cursor: str) -> int:
    text = position_of(cursor)
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > _MAX_ID:
        raise invalid_cursor()
    return int(text)
