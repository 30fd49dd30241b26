"""`/v1/tickets/{ticket_id}/files` and `/v1/files`."""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.attachments.schemas import FileList, FileView
from api.auth import Decider, TicketUser
from api.backend import Backend, GivenBackend
from api.idempotency import PARAMETER, Route
from api.problems import documented
from api.reach import OwnTicketId, reached_of
from triage.domain.access import Caller
from triage.domain.attachment import MAX_NAME, StoredAttachment
from triage.errors import NotFound

router = APIRouter(tags=["files"], route_class=Route)
FileId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["att_0123456789abcdef0123456789abcdef"])]
_Name = Annotated[
    str, Query(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["tabliczka.jpg"])
]
_IN_MEMORY = 1024 * 1024
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = {
    "parameters": [PARAMETER],
    "requestBody": {
        "required": True,
        "description": "the file's bytes, up to 25 MiB: a picture, a video (MP4), a PDF, plain text or a ZIP",
        "content": {"application/octet-stream": _BYTES},
    },
}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, to be saved", "content": {"application/octet-stream": _BYTES}}
}


@router.post(
    "/tickets/{ticket_id:path}/files",
    status_code=201,
    summary="Add a file",
    openapi_extra=_CONTENT,
    responses=documented(404, 409, 413),
)
async def add(
    ticket_id: OwnTicketId,
    backend: GivenBackend,
    caller: TicketUser,
    request: Request,
    response: Response,
    name: _Name = "unnamed",
) -> FileView:
    """Store a file with its ticket; the same file again is the same file. It is never opened, only passed on."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
        request.state.body_sha256 = await _spool(request, content)
        attachments = backend.outbound.attachments
        stored = await run_in_threadpool(attachments.add, caller.tenant, ticket_id, name, content, actor=caller.actor)
    response.headers["Location"] = f"/v1/files/{stored.id}"
    return FileView.model_validate(stored)


@router.get("/tickets/{ticket_id:path}/files", summary="List files", responses=documented(404))
def listing(ticket_id: OwnTicketId, backend: GivenBackend, caller: TicketUser) -> FileList:
    """Files of a ticket that were uploaded; those that came in a mail are described in its message."""
    found = backend.outbound.attachments.of_ticket(caller.tenant, ticket_id)
    return FileList(files=[FileView.model_validate(one) for one in found])


@router.get(
    "/files/{file_id}",
    summary="Download a file",
    response_class=StreamingResponse,
    responses=documented(404) | _DOWNLOAD,
)
def download(file_id: FileId, backend: GivenBackend, caller: TicketUser) -> StreamingResponse:
    """The file's bytes, to be saved: never shown by a browser, whatever is in them."""
    stored = _reached(backend, caller, file_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}",
        "Content-Length": str(stored.size_bytes),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{stored.sha256}"',
    }
    content = backend.outbound.attachments.content(caller.tenant, file_id)
    return StreamingResponse(content, media_type="application/octet-stream", headers=headers)


@router.delete("/files/{file_id}", status_code=204, summary="Delete a file", responses=documented(404))
def remove(file_id: FileId, backend: GivenBackend, caller: Decider) -> None:
    """Delete a file for good; that it was there stays on the audit log."""
    stored = _reached(backend, caller, file_id)
    backend.outbound.attachments.remove(caller.tenant, stored.id, actor=caller.actor)


def _reached(backend: Backend, caller: Caller, file_id: str) -> StoredAttachment:
    """A file, if its ticket is the caller's to see.

    Raises:
        NotFound: there is none, or it is another team's.
    """
    stored = backend.outbound.attachments.get(caller.tenant, file_id)
    if stored.ticket_id not in reached_of(backend, caller, [stored.ticket_id]):
        raise NotFound("There is no such file.")
    return stored


async def _spool(request: Request, content: IO[bytes]) -> bytes:
    """Take the body in beside memory; its digest. :mod:`api.limits` ends what is too large."""
    digest = hashlib.sha256()
    async for chunk in request.stream():
        digest.update(chunk)
        await run_in_threadpool(content.write, chunk)
    content.seek(0)
    return digest.digest()
