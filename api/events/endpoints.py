"""`/v1/events`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from api.auth import CaseReader
from api.backend import GivenBackend
from api.events.stream import CountedStream, EventStream, Listeners
from api.idempotency import Route
from api.problems import Problem, documented
from api.reach import reached_of
from triage.domain.outbound import ChangePosition

router = APIRouter(prefix="/events", tags=["events"], route_class=Route)
_LastId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="go on behind this event; without it: with what comes next")
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events `case`: `{ticket_id, state, version, at}`; a comment every 15 seconds",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("", summary="Follow the queue", response_class=StreamingResponse, responses=documented() | _STREAM)
def follow(request: Request, backend: GivenBackend, caller: CaseReader, last_event_id: _LastId = None) -> CountedStream:
    """Changes of the cases the caller sees as they happen, kept for a week for whoever comes back with `Last-Event-ID`.

    An event says that something changed, not what: read the case. A stream ends after some minutes; come back then.
    """
    after = ChangePosition.parse(last_event_id) if last_event_id is not None else backend.outbound.changes.newest()
    if after is None:
        raise Problem(422, "invalid-event-id", "Last-Event-ID is not one this service gave: leave it out.")
    listeners: Listeners = request.app.state.listeners
    stopping: asyncio.Event = request.app.state.stopping
    seen = partial(reached_of, backend, caller)
    stream = EventStream(backend.outbound.changes, caller.tenant, after, stopping, seen)
    return CountedStream(stream, listeners, {"X-Accel-Buffering": "no"})
