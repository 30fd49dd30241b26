"""A stream of server-sent events over the change feed, and how many of them there may be.

Polled once a second: a change is seen when its transaction and all older ones have ended, which no notification can
promise. Source: WHATWG HTML, 9.2 Server-sent events.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from api.problems import Problem
from triage.domain.outbound import CaseChange, ChangePosition
from triage.errors import StorageError
from triage.ports.operations import ChangeFeed

EVERY_S = 1.0
HEARTBEAT_S = 15.0
LIFE_S = 300.0
RETRY_MS = 3000
BATCH = 500


@dataclass(slots=True)
class Listeners:
    """Open streams by tenant; each costs a connection of the server and a query a second."""

    most: int = 60
    most_of_tenant: int = 30
    _open: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, tenant: str) -> None:
        """Count a new stream.

        Raises:
            Problem: 429, there are as many as there may be.
        """
        with self._lock:
            if self._open[tenant] >= self.most_of_tenant or self._open.total() >= self.most:
                raise Problem(429, "too-many-streams", "Too many event streams are open.", {"Retry-After": "30"})
            self._open[tenant] += 1

    def leave(self, tenant: str) -> None:
        """A stream has ended."""
        with self._lock:
            self._open[tenant] -= 1


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
    listeners: Listeners
    seen: Callable[[Sequence[str]], frozenset[str]]
    every_s: float = EVERY_S
    life_s: float = LIFE_S

    async def lines(self) -> AsyncIterator[bytes]:
        """The events as bytes, until the reader goes, the server stops or the stream is old."""
        ends, silent_since = time.monotonic() + self.life_s, time.monotonic()
        try:
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
        finally:
            self.listeners.leave(self.tenant)

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


def _event(change: CaseChange) -> bytes:
    data = {
        "ticket_id": change.ticket_id,
        "state": change.state.value,
        "version": change.version,
        "at": change.at.isoformat(),
    }
    return f"id: {change.at_position}\nevent: case\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
