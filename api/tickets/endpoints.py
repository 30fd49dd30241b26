"""`/v1/tickets`."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.auth import TicketUser
from api.backend import GivenBackend, backend_of
from api.idempotency import PARAMETER, Route
from api.problems import Problem, documented
from api.reach import OwnTicketId
from api.strict_json import parse_json
from api.tickets.bulk import BulkIntake
from api.tickets.intake import JSON, MAIL, MAX_JSON_BYTES, storable, ticket_from_body
from api.tickets.schemas import BulkReceived, MessageRecord, Received, TicketRecord, TicketView
from triage.domain.ticket import Message, Ticket
from triage.stages.ingest import ticket_from_mail, ticket_from_record

LINES = "application/x-ndjson"
READ_AT_ONCE = 32 * 1024
router = APIRouter(prefix="/tickets", tags=["tickets"], route_class=Route)
intake_router = APIRouter(prefix="/tickets", tags=["tickets"], route_class=Route)
"""The busiest route, to be looked at before all others: to find one among a hundred costs half a millisecond."""


class IncomingBody:
    """A body that may be of more than one media type."""

    def __init__(self, media_type: str, raw: bytes) -> None:
        self.media_type = media_type
        self.raw = raw


async def _incoming(request: Request) -> IncomingBody:
    return IncomingBody(_media_type(request), await request.body())


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_lines(request: Request) -> None:
    """Refuse what is not announced as JSON lines.

    Raises:
        Problem: 415.
    """
    if _media_type(request) not in (LINES, "application/jsonl", "application/json-seq"):
        raise Problem(415, "unsupported-media-type", f"Send {LINES}.")


def _body_of(*schemas: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    content = {media_type: schema for media_type, schema in schemas}
    return {"parameters": [PARAMETER], "requestBody": {"required": True, "content": content}}


_RECORD = (JSON, {"schema": {"$ref": "#/components/schemas/TicketRecord"}})
_MESSAGE = (JSON, {"schema": {"$ref": "#/components/schemas/MessageRecord"}})
_MAIL = (MAIL, {"schema": {"type": "string", "format": "binary", "description": "one mail, up to 25 MiB"}})
_LINES_SCHEMA = (LINES, {"schema": {"type": "string", "description": "one ticket record per line, each up to 1 MiB"}})
LINES_BODY = _body_of(_LINES_SCHEMA)
_IncomingBody = Annotated[IncomingBody, Depends(_incoming)]


@intake_router.post(
    "",
    status_code=201,
    summary="Take in a ticket",
    openapi_extra=_body_of(_RECORD, _MAIL),
    responses=documented(409, 413, 415) | {200: {"model": Received, "description": "It was already there"}},
)
async def receive(request: Request, caller: TicketUser, response: Response) -> Received:
    """Store a ticket and enqueue its triage, from a JSON record or a mail; once stored it is not lost."""
    backend = backend_of(request)  # by itself: each dependency costs as much as half the reading of a ticket
    ticket = await _ticket(await _incoming(request), caller.tenant, backend.clock.now())
    # no thread waits: requests that come in meanwhile share the next transaction
    created = await asyncio.wrap_future(backend.casework.submit(ticket, backend.outbound.backlog.admit))
    response.status_code = 201 if created else 200
    received = _received(ticket, created)
    response.headers["Location"] = received.ticket
    return received


@router.post("/bulk", summary="Take in many tickets", openapi_extra=LINES_BODY, responses=documented(409, 413, 415))
async def receive_many(backend: GivenBackend, caller: TicketUser, request: Request, response: Response) -> BulkReceived:
    """Store JSON lines while they stream in, 500 at a time; a line that cannot be read is reported, the others kept.

    The answer's Location leads to the import, which can be followed. To be able to go on after an interruption, begin
    one with `POST /v1/imports` instead.
    """
    require_lines(request)
    begun = await run_in_threadpool(backend.outbound.imports.start, caller.tenant, actor=caller.actor)
    intake = BulkIntake(backend, begun)
    done = await intake.take(request.stream())
    request.state.body_sha256 = intake.digest
    response.headers["Location"] = f"/v1/imports/{done.id}"
    return BulkReceived.model_validate(done)


@router.post(
    "/{ticket_id:path}/messages",
    status_code=201,
    summary="Add a message",
    openapi_extra=_body_of(_MESSAGE, _MAIL),
    responses=documented(404, 409, 413, 415) | {200: {"model": TicketView, "description": "It was already there"}},
)
def add_message(
    ticket_id: OwnTicketId, backend: GivenBackend, caller: TicketUser, incoming: _IncomingBody, response: Response
) -> TicketView:
    """Append a message; a draft or approval made without it is void, and the ticket is triaged again."""
    message = _message(incoming, backend)
    ticket = backend.casework.add_message(caller.tenant, ticket_id, message)
    added = any(known is message for known in ticket.messages)
    response.status_code = 201 if added else 200
    return TicketView.model_validate(ticket)


@router.get("/{ticket_id:path}", summary="Read a ticket", responses=documented(404))
def read(ticket_id: OwnTicketId, backend: GivenBackend, caller: TicketUser) -> TicketView:
    """A ticket with all its messages."""
    with backend.unit_of_work(caller.tenant) as uow:
        return TicketView.model_validate(uow.tickets.get(ticket_id))


async def _ticket(incoming: IncomingBody, tenant: str, now: datetime) -> Ticket:
    """Read a body; a large one on a thread, so that the others need not wait for it."""
    read = partial(ticket_from_body, incoming.media_type, incoming.raw, tenant=tenant, now=now)
    return read() if len(incoming.raw) <= READ_AT_ONCE else await run_in_threadpool(read)


def _received(ticket: Ticket, created: bool) -> Received:
    path = quote(ticket.id, safe="/")
    return Received(id=ticket.id, created=created, ticket=f"/v1/tickets/{path}", case=f"/v1/cases/{path}")


def _message(incoming: IncomingBody, backend: GivenBackend) -> Message:
    now = backend.clock.now()
    if incoming.media_type == MAIL:
        return storable(ticket_from_mail(incoming.raw, now=now)).messages[-1]
    if incoming.media_type != JSON:
        raise Problem(415, "unsupported-media-type", f"Send {JSON} or {MAIL}.")
    if len(incoming.raw) > MAX_JSON_BYTES:
        raise Problem(413, "body-too-large", f"A message may have at most {MAX_JSON_BYTES:,} bytes.")
    try:
        record = MessageRecord.model_validate(parse_json(incoming.raw))
    except ValidationError as exc:
        raise RequestValidationError(exc.errors(include_input=False)) from None
    listed = {
        "id": record.id or f"m-{uuid.uuid4().hex[:16]}",
        "author": record.author.value,
        "at": (record.at or now).isoformat(),
        "text": record.text,
    }
    return storable(ticket_from_record({"id": "any", "messages": [listed]}, now=now)).messages[-1]


SCHEMAS = (TicketRecord, MessageRecord)
"""Bodies that are read by hand because they are one of several media types; the OpenAPI document names them."""
