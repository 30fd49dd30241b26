"""Many tickets in one request: JSON lines, read as they come in, stored 500 at a time."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from api.backend import Backend
from api.problems import Problem
from api.strict_json import parse_json
from api.tickets.intake import ticket_from_json
from api.tickets.schemas import BulkReceived, LineFault
from triage.domain.ticket import Ticket
from triage.errors import InvalidInput

BATCH = 500
MAX_LINE_BYTES = 1024 * 1024
MAX_FAULTS = 1000


@dataclass(slots=True)
class BulkIntake:
    """One bulk request; a line that fails costs nothing but itself."""

    backend: Backend
    tenant: str
    lines: int = 0
    tickets: int = 0
    created: int = 0
    failed: int = 0
    faults: list[LineFault] = field(default_factory=list)
    digest: bytes = b""
    _batch: list[Ticket] = field(default_factory=list)

    async def take(self, chunks: AsyncIterator[bytes]) -> BulkReceived:
        """Take in every line of a streamed body."""
        digest, rest = hashlib.sha256(), b""
        async for chunk in chunks:
            digest.update(chunk)
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                await self._line(line)
            if len(rest) > MAX_LINE_BYTES:
                await self._line(rest[: MAX_LINE_BYTES + 1])
                raise Problem(413, "line-too-large", f"Line {self.lines} has more than {MAX_LINE_BYTES:,} bytes.")
        if rest:
            await self._line(rest)
        await self._store()
        self.digest = digest.digest()
        known = self.tickets - self.created
        return BulkReceived(lines=self.lines, created=self.created, known=known, failed=self.failed, faults=self.faults)

    async def _line(self, line: bytes) -> None:
        self.lines += 1
        if not line.strip():
            return
        try:
            if len(line) > MAX_LINE_BYTES:
                raise InvalidInput(f"A line may have at most {MAX_LINE_BYTES:,} bytes.")
            now = self.backend.clock.now()
            self._batch.append(ticket_from_json(parse_json(line), tenant=self.tenant, now=now))
        except InvalidInput as exc:
            self._fault(str(exc))
        except Problem as exc:
            self._fault(exc.detail)
        if len(self._batch) >= BATCH:
            await self._store()

    async def _store(self) -> None:
        batch, self._batch = self._batch, []
        self.created += await run_in_threadpool(self.backend.casework.receive_all, batch)
        self.tickets += len(batch)

    def _fault(self, message: str) -> None:
        self.failed += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(LineFault(line=self.lines, message=message))
