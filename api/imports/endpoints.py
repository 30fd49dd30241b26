"""`/v1/imports`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.auth import TicketUser
from api.backend import GivenBackend
from api.idempotency import PARAMETER, Route
from api.imports.schemas import ImportView
from api.problems import documented
from api.tickets.bulk import BulkIntake
from api.tickets.endpoints import LINES_BODY, require_lines

router = APIRouter(prefix="/imports", tags=["imports"], route_class=Route)
ImportId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["imp_0123456789abcdef0123456789abcdef"])]
_FromLine = Annotated[int, Query(ge=0, le=10**9, description="lines of the file left out before this body's first")]
_More = Annotated[bool, Query(description="whether further lines follow in another request")]


@router.post(
    "", status_code=201, summary="Begin an import", openapi_extra={"parameters": [PARAMETER]}, responses=documented()
)
def begin(backend: GivenBackend, caller: TicketUser, response: Response) -> ImportView:
    """Begin a bulk intake that can be followed and continued; send its lines next."""
    begun = backend.outbound.imports.start(caller.tenant, actor=caller.actor)
    response.headers["Location"] = f"/v1/imports/{begun.id}"
    return ImportView.model_validate(begun)


@router.post(
    "/{import_id}/lines",
    summary="Send an import's lines",
    openapi_extra=LINES_BODY,
    responses=documented(404, 409, 413, 415),
)
async def send_lines(
    import_id: ImportId,
    backend: GivenBackend,
    caller: TicketUser,
    request: Request,
    from_line: _FromLine = 0,
    more: _More = False,
) -> ImportView:
    """Store JSON lines while they stream in, 500 at a time.

    Cut off in the middle, read the import and send the file again: whole, or from `from_line` on. Lines that were
    taken in are skipped. Where too much work waits already the answer is 429 or 503 with Retry-After; go on then.
    """
    require_lines(request)
    imports = backend.outbound.imports
    before = await run_in_threadpool(imports.get, caller.tenant, import_id)
    intake = BulkIntake(backend, before)
    await intake.take(request.stream(), from_line=from_line, more=more)
    request.state.body_sha256 = intake.digest
    return ImportView.model_validate(await run_in_threadpool(imports.get, caller.tenant, import_id))


@router.get("/{import_id}", summary="Follow an import", responses=documented(404))
def read(import_id: ImportId, backend: GivenBackend, caller: TicketUser) -> ImportView:
    """How many lines are stored, which were refused, and how many tickets still wait for their triage."""
    return ImportView.model_validate(backend.outbound.imports.get(caller.tenant, import_id))
