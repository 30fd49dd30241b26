"""A stream of server-sent events over the change feed, and how many of them there may be.

Polled once a second: a change is seen when its transaction and all older ones have ended, which no notification can
promise. Source: WHATWG HTML, 9.2 Server-sent events.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.places import OwnPlaces, Places, SharedPlaces
from api.problems import Problem
from triage.domain.outbound import CaseChange, ChangePosition
from triage.errors import StorageError
from triage.ports.operations import ChangeFeed

EVERY_S = 1.0
HEARTBEAT_S = 15.0
LIFE_S = 300.0
RETRY_MS = 3000
BATCH = 500


MOST_STREAMS = 60


@dataclass(slots=True)
class Listeners:
    """Open streams of all processes; each costs a connection of the server and the database a query a second."""

    places: Places = field(default_factory=partial(OwnPlaces, most=MOST_STREAMS))
    most_of_tenant: int = 30

    def admit(self, tenant: str) -> int:
        """Count a new stream; returns its place.

        Raises:
            Problem: 429, there are as many as there may be.
        """
        place = self.places.take(tenant, self.most_of_tenant)
        if place is None:
            raise Problem(429, "too-many-streams", "Too many event streams are open.", {"Retry-After": "30"})
        return place

    def leave(self, place: int) -> None:
        """A stream has ended."""
        self.places.leave(place)


def shared_listeners(fd: int) -> Listeners:
    """Listeners that count together with those of other processes, in an open file that they inherited."""
    return Listeners(SharedPlaces(fd, MOST_STREAMS))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes for the reader, out of how many that were read."""

    told: tuple[CaseChange, ...]
    read: int


@dataclass(slots=True)
class EventStream:
    """One reader's stream, from ``position`` on.

    Attributes:
        seen: says which of these cases are the reader's to see, as of now.
    """

    feed: ChangeFeed
    tenant: str
    position: ChangePosition
    stopping: asyncio.Event
    seen: Callable[[Sequence[str]], frozenset[str]]
    every_s: float = EVERY_S
    life_s: float = LIFE_S

    async def lines(self) -> AsyncIterator[bytes]:
        """The events as bytes, until the reader goes, the server stops or the stream is old."""
        ends, silent_since = time.monotonic() + self.life_s, time.monotonic()
        yield f"retry: {RETRY_MS}\n\n".encode()
        while time.monotonic() < ends and not self.stopping.is_set():
            changes = await self._changes()
            for change in changes.told:
                yield _event(change)
            if changes.told:
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > HEARTBEAT_S:
                silent_since = time.monotonic()
                yield b": still here\n\n"
            if changes.read < BATCH:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), self.every_s)

    async def _changes(self) -> _Batch:
        try:
            return await run_in_threadpool(self._next)
        except StorageError:
            return _Batch((), 0)  # the reader keeps its place until the database is back

    def _next(self) -> _Batch:
        found = self.feed.after(self.position, tenant=self.tenant, limit=BATCH)
        if not found:
            return _Batch((), 0)
        seen = self.seen([change.ticket_id for change in found])
        self.position = found[-1].at_position
        return _Batch(tuple(change for change in found if change.ticket_id in seen), len(found))


class CountedStream(StreamingResponse):
    """An answer that holds a place among the listeners until it has ended, also where its reader left at once."""

    def __init__(self, stream: EventStream, listeners: Listeners, headers: Mapping[str, str]) -> None:
        self._listeners, self._place = listeners, listeners.admit(stream.tenant)
        super().__init__(stream.lines(), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and leave."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._listeners.leave(self._place)


def _event(change: CaseChange) -> bytes:
    data = {
        "ticket_id": change.ticket_id,
        "state": change.state.value,
        "version": change.version,
        "at": change.at.isoformat(),
    }
    return f"id: {change.at_position}\nevent: case\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
