"""Many tickets in one request: JSON lines, read as they come in, stored 500 at a time, each batch on its import."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from starlette.concurrency import run_in_threadpool

from api.backend import Backend
from api.problems import Problem
from api.strict_json import parse_json
from api.tickets.intake import ticket_from_json
from triage.domain.intake import ImportProgress, ImportState, LineFault
from triage.domain.ticket import Ticket
from triage.errors import Conflict, InvalidInput

BATCH = 500
MAX_LINE_BYTES = 1024 * 1024
MAX_FAULTS = 1000


@dataclass(slots=True)
class BulkIntake:
    """One request's part of an import; a line that fails costs nothing but itself.

    Attributes:
        stored: how far the import is on disk.
        line: number of the line that was read last, over the whole import.
        digest: SHA-256 of the body, when it was taken in whole.
    """

    backend: Backend
    stored: ImportProgress
    line: int = 0
    digest: bytes = b""
    _batch: list[Ticket] = field(default_factory=list)
    _faults: list[LineFault] = field(default_factory=list)
    _failed: int = 0

    async def take(self, chunks: AsyncIterator[bytes], *, from_line: int = 0, more: bool = False) -> ImportProgress:
        """Take in every line of a streamed body; lines that the import has already are skipped.

        Raises:
            Conflict: lines are missing before this body's first, or somebody else sends lines of this import.
            Overloaded: too much work waits already; what was stored before stays.
            Problem: 413, a line is too long.
        """
        if from_line > self.stored.lines:
            raise Conflict(f"This import goes on with line {self.stored.lines + 1}: leave out no more lines than that.")
        self.line, digest, rest = from_line, hashlib.sha256(), b""
        async for chunk in chunks:
            digest.update(chunk)
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                await self._take_line(line)
            if len(rest) > MAX_LINE_BYTES:
                await self._store(ImportState.OPEN)
                raise Problem(413, "line-too-large", f"Line {self.line + 1} has more than {MAX_LINE_BYTES:,} bytes.")
        if rest:
            await self._take_line(rest)
        await self._store(ImportState.OPEN if more else ImportState.DONE)
        self.digest = digest.digest()
        return self.stored

    async def _take_line(self, line: bytes) -> None:
        self.line += 1
        if self.line <= self.stored.lines:
            return
        try:
            self._read(line)
        except InvalidInput as exc:
            self._fault(str(exc))
        except Problem as exc:
            self._fault(exc.detail)
        if self.line - self.stored.lines >= BATCH:
            await self._store(ImportState.OPEN)

    def _read(self, line: bytes) -> None:
        if len(line) > MAX_LINE_BYTES:
            raise InvalidInput(f"A line may have at most {MAX_LINE_BYTES:,} bytes.")
        if line.strip():
            now = self.backend.clock.now()
            self._batch.append(ticket_from_json(parse_json(line), tenant=self.stored.tenant, now=now))

    async def _store(self, state: ImportState) -> None:
        batch, self._batch = self._batch, []
        self.stored = await run_in_threadpool(self._store_now, batch, state)
        self._faults, self._failed = [], 0

    def _store_now(self, batch: list[Ticket], state: ImportState) -> ImportProgress:
        """Tickets first: cut off in between, they are sent again and found to be there."""
        outbound, before = self.backend.outbound, self.stored
        if batch:
            outbound.backlog.admit(before.tenant)
        created = self.backend.casework.receive_all(batch)
        after = replace(
            before,
            state=state,
            lines=max(self.line, before.lines),
            created=before.created + created,
            known=before.known + len(batch) - created,
            failed=before.failed + self._failed,
            faults=(*before.faults, *self._faults)[:MAX_FAULTS],
        )
        outbound.imports.advance(before, after, [ticket.id for ticket in batch])
        return after

    def _fault(self, message: str) -> None:
        self._failed += 1
        if len(self.stored.faults) + len(self._faults) < MAX_FAULTS:
            self._faults.append(LineFault(self.line, message))
