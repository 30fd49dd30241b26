"""A worker: takes jobs, guards them by time, puts back those of dead workers, until it is told to stop.

A job that hangs in a living worker cannot be stopped alone, because Python cannot end a thread: after
:attr:`Pace.job_limit` the whole process gives its jobs up and ends, and whoever supervises it starts it again. Work
that was lost on the way counts as an attempt; after the last one the job is handed to a person.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import procrastinate
from procrastinate import exceptions, signals
from procrastinate.worker import Worker

from triage.adapters.storage.beside import settle_beside, take_beside
from triage.adapters.storage.database_clock import DatabaseClock
from triage.adapters.storage.jobs import SEND_QUEUE, SEND_TASK, TRIAGE_QUEUE, TRIAGE_TASK
from triage.adapters.storage.rescue import Abandoned, abandoned_jobs, put_away, put_back
from triage.adapters.storage.sending_pauses import wake_put_off
from triage.adapters.storage.tasks import MAX_ATTEMPTS, JobHandlers, worker_app

logger = logging.getLogger(__name__)

_EX_TEMPFAIL = 75


@dataclass(frozen=True, slots=True)
class Pace:
    """Times of a worker in seconds; with these a job of a killed worker goes on within 45.

    Attributes:
        heartbeat: between two signs of life.
        stalled_after: without a sign of life, after which a worker's jobs count as abandoned.
        rescue_every: between two looks for abandoned jobs.
        poll_every: between two looks for new jobs, should a notification be lost.
        job_limit: after which a job that has not ended takes its process down.
        grace: for running jobs to end after a stop signal.
        pause: before a lost database is tried again.
    """

    heartbeat: float = 10.0
    stalled_after: float = 30.0
    rescue_every: float = 10.0
    poll_every: float = 2.0
    job_limit: float = 90.0
    grace: float = 25.0
    pause: float = 1.0


def work(
    url: str,
    handlers: JobHandlers,
    *,
    concurrency: int = 1,
    until_idle: bool = False,
    together: int = 1,
    pace: Pace = Pace(),
) -> None:
    """Work on jobs until SIGTERM or SIGINT (or, with ``until_idle``, until none is left).

    A database that goes away is waited for. On a signal no new job is taken and the running ones get time to end.

    Args:
        concurrency: jobs worked on at once, at least 1.
        together: tickets that may share a transaction, at least 1.
    """
    clock = DatabaseClock()
    shift = _Shift(worker_app(url, handlers, clock), handlers, concurrency, pace, clock, together)
    asyncio.run(shift.until_idle() if until_idle else shift.until_stopped())


@dataclass(slots=True)
class _Shift:
    """One process's work: the job loop, the look-out for abandoned jobs, and the clock on each job."""

    app: procrastinate.App
    handlers: JobHandlers
    concurrency: int
    pace: Pace
    clock: DatabaseClock
    together: int = 1
    worker: Worker | None = None
    running: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    leaving: asyncio.Task[None] | None = None

    async def until_idle(self) -> None:
        async with self.app.open_async():
            await self._rescue()
            await self._jobs(wait=False)

    async def until_stopped(self) -> None:
        stopping = asyncio.Event()
        with signals.on_stop(stopping.set):
            while not stopping.is_set():
                try:
                    async with self.app.open_async():
                        await self._until(stopping)
                except exceptions.ConnectorException:
                    logger.warning("database lost", extra={"action": "worker_waits_for_database"})
                if not stopping.is_set():
                    await _wait(stopping, self.pace.pause)

    async def _until(self, stopping: asyncio.Event) -> None:
        jobs = asyncio.create_task(self._jobs(wait=True))
        lookout = asyncio.create_task(self._look_out())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({jobs, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not jobs.done():
                deadline = asyncio.get_running_loop().call_later(self.pace.grace + 3, self._leave, "stop_overdue")
                jobs.cancel()
                await asyncio.wait({jobs})
                deadline.cancel()
        finally:
            lookout.cancel()
            stop.cancel()
            await asyncio.gather(lookout, stop, return_exceptions=True)
        if not jobs.cancelled():
            jobs.result()

    async def _jobs(self, *, wait: bool) -> None:
        await self.app.run_worker_async(
            queues=[SEND_QUEUE, TRIAGE_QUEUE],
            concurrency=self.concurrency,
            wait=wait,
            fetch_job_polling_interval=self.pace.poll_every,
            update_heartbeat_interval=self.pace.heartbeat,
            stalled_worker_timeout=self.pace.stalled_after,
            shutdown_graceful_timeout=self.pace.grace,
            install_signal_handlers=False,
            delete_jobs="successful",
            worker_middleware=[self._within_limit],
        )

    async def _within_limit(
        self, process: Callable[[], Awaitable[Any]], context: procrastinate.JobContext, worker: Worker
    ) -> Any:  # noqa: ANN401  (whatever the task returns)
        job_id, worker_id = context.job.id, worker.worker_id
        assert job_id is not None
        assert worker_id is not None
        self.worker = worker
        beside = await take_beside(context, worker_id, self.together - 1)
        mine = {job_id, *beside.jobs}
        self.running |= mine
        limit = asyncio.get_running_loop().call_later(self.pace.job_limit, self._leave, "job_overdue")
        try:
            return await process()
        finally:
            limit.cancel()
            try:
                await settle_beside(context, worker_id)
            finally:
                self.running -= mine  # what could not be settled is found among the forgotten

    async def _look_out(self) -> None:
        while True:
            try:
                await self._rescue()
            except exceptions.ConnectorException:
                logger.warning("database lost", extra={"action": "rescue_failed"})
            await asyncio.sleep(self.pace.rescue_every)

    async def _rescue(self) -> None:
        """Put abandoned jobs back into the queue, hand over those tried often enough; enqueue replies put off."""
        await self.clock.read(self.app)
        if woken := await wake_put_off(self.app):
            logger.info("replies are tried again", extra={"action": "replies_woken", "count": woken})
        for job in await abandoned_jobs(self.app, self.pace.stalled_after, await self._forgotten()):
            extra = {"job_id": job.id, "task": job.task, "attempts": job.attempts}
            if job.attempts + 1 < MAX_ATTEMPTS:
                if await put_back(self.app, job):
                    logger.warning("abandoned job put back", extra={"action": "job_rescued", **extra})
            else:
                await asyncio.to_thread(self._hand_over, job)
                if await put_away(self.app, job):
                    logger.error("abandoned job given up", extra={"action": "job_given_up", **extra})

    def _hand_over(self, job: Abandoned) -> None:
        reason = "the worker died or hung repeatedly"
        if job.task == TRIAGE_TASK:
            self.handlers.give_up(job.arguments["tenant"], job.arguments["ticket_id"], reason)
        elif job.task == SEND_TASK:
            self.handlers.give_up_sending(job.arguments["tenant"], job.arguments["approval_id"], reason)

    async def _forgotten(self) -> list[int]:
        """Jobs the queue says are mine but are not: their outcome could not be written when they ended.

        Seen at two looks in a row, because a job is mine for a moment before it starts and after it ended.
        """
        if self.worker is None or self.worker.worker_id is None:
            return []
        rows = await self.app.job_manager.list_jobs_async(status="doing", worker_id=self.worker.worker_id)
        idle = {job.id for job in rows if job.id is not None} - self.running
        twice, self.lost = idle & self.lost, idle
        return sorted(twice)

    def _leave(self, action: str) -> None:
        """End the process: a thread that hangs holds a slot, and may hold a claim, for ever."""
        self.leaving = asyncio.ensure_future(self._unregister_and_exit(action))

    async def _unregister_and_exit(self, action: str) -> None:
        logger.critical("worker ends itself", extra={"action": action, "jobs": sorted(self.running)})
        try:
            if self.worker is not None and self.worker.worker_id is not None:
                # without its worker a job counts as abandoned at once, not after 30 s
                unregistered = self.app.job_manager.unregister_worker(self.worker.worker_id)
                await asyncio.wait_for(unregistered, timeout=3)
        except (exceptions.ConnectorException, TimeoutError):
            pass
        finally:
            os._exit(_EX_TEMPFAIL)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        pass
