"""What the API clears away while it runs: kept answers older than 24 hours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool

from api.backend import AnswerStore
from triage.errors import StorageError

logger = logging.getLogger(__name__)

EVERY_S = 600.0


@asynccontextmanager
async def keep_house(answers: AnswerStore, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Clear away old answers now and then, for the length of an ``async with`` block."""
    task = asyncio.create_task(_forget(answers, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forget(answers: AnswerStore, every_s: float) -> None:
    while True:
        try:
            forgotten = await run_in_threadpool(answers.forget_old)
            logger.info("old answers forgotten", extra={"action": "answers_forgotten", "count": forgotten})
        except StorageError:
            logger.warning("old answers not forgotten", extra={"action": "answers_kept"})
        await asyncio.sleep(every_s)
