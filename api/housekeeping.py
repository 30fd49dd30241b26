"""What the API does by itself while it runs: old answers, changes and deliveries go, cases grow more urgent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool

from api.backend import Backend
from triage.errors import StorageError

logger = logging.getLogger(__name__)

EVERY_S = 600.0


@asynccontextmanager
async def keep_house(backend: Backend, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Clear away what is old, and weigh cases as of a new day, for the length of an ``async with`` block."""
    task = asyncio.create_task(_forget(backend, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forget(backend: Backend, every_s: float) -> None:
    while True:
        try:
            forgotten = await run_in_threadpool(backend.answers.forget_old)
            forgotten += await run_in_threadpool(backend.outbound.forget_old)
            logger.info("old rows forgotten", extra={"action": "rows_forgotten", "count": forgotten})
            if changed := await run_in_threadpool(backend.grow_older):
                logger.info("cases weighed as of today", extra={"action": "cases_weighed", "count": changed})
        except StorageError:
            logger.warning("old rows not forgotten", extra={"action": "rows_kept"})
        await asyncio.sleep(every_s)
