"""A worker: takes jobs, guards them by time, puts back those of dead workers, until it is told to stop.

Times (seconds): a worker shows a sign of life every 10; its jobs count as abandoned after 30 without one; every worker
looks for abandoned jobs every 10 and for new ones at least every 2. So a job of a killed worker goes on within 45.

A job that hangs in a living worker cannot be stopped alone, because Python cannot end a thread: after ``job_limit_s``
the whole process gives its jobs up and ends, and whoever supervises it starts it again. Work that was lost on the way
counts as an attempt; after :data:`MAX_ATTEMPTS` the job is handed to a person.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import procrastinate
from procrastinate import exceptions, signals
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from triage.adapters.storage.jobs import SEND_QUEUE, SEND_TASK, TRIAGE_QUEUE, TRIAGE_TASK
from triage.adapters.storage.rescue import Abandoned, abandoned_jobs, put_away, put_back

logger = logging.getLogger(__name__)

HEARTBEAT_S, STALLED_AFTER_S, RESCUE_EVERY_S, POLL_EVERY_S = 10.0, 30.0, 10.0, 2.0
JOB_LIMIT_S, GRACE_S, PAUSE_S = 90.0, 25.0, 1.0
MAX_ATTEMPTS = 5
TAKING_OPTIONS = "-c enable_sort=off -c enable_bitmapscan=off -c enable_seqscan=off"
"""Planner settings of the connections that take jobs: in order of priority by its index, whatever the statistics say.

A queue that filled faster than it was analysed is otherwise read and sorted whole for every job (20,000 waiting jobs:
153 ms instead of 0.06 ms).
"""
_EX_TEMPFAIL = 75


class JobHandlers(Protocol):
    """What a worker does; given by the composition root."""

    def triage(self, tenant: str, ticket_id: str) -> None:
        """Triage the newest revision of a ticket."""

    def send(self, tenant: str, approval_id: str) -> None:
        """Send the reply of an approval, or read back what became of it."""

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        """Hand a ticket to a person: its triage will not be tried again."""

    def give_up_sending(self, tenant: str, approval_id: str, reason: str) -> None:
        """Hand a reply to a person: its sending will not be tried again."""


def work(
    url: str,
    handlers: JobHandlers,
    *,
    concurrency: int = 1,
    until_idle: bool = False,
    job_limit_s: float = JOB_LIMIT_S,
) -> None:
    """Work on jobs until SIGTERM or SIGINT (or, with ``until_idle``, until none is left).

    A database that goes away is waited for. On a signal no new job is taken and the running ones get 25 s to end.

    Args:
        concurrency: jobs worked on at once, at least 1.
        job_limit_s: seconds after which a job that has not ended takes its process down.
    """
    shift = _Shift(worker_app(url, handlers), handlers, concurrency, job_limit_s)
    asyncio.run(shift.until_idle() if until_idle else shift.until_stopped())


def worker_app(url: str, handlers: JobHandlers) -> procrastinate.App:
    """An app whose tasks call ``handlers``; a task's last failing attempt hands its object to a person."""
    options = {"options": TAKING_OPTIONS, "connect_timeout": 10}
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4, kwargs=options)
    app = procrastinate.App(connector=connector)

    @app.task(name=TRIAGE_TASK, queue=TRIAGE_QUEUE, retry=_Backoff(), pass_context=True)
    def triage_ticket(context: procrastinate.JobContext, tenant: str, ticket_id: str) -> None:
        try:
            handlers.triage(tenant, ticket_id)
        except Exception as exc:
            # the worker's edge: whatever it was, the ticket must reach a person
            if context.job.attempts + 1 >= MAX_ATTEMPTS:
                handlers.give_up(tenant, ticket_id, type(exc).__name__)
            raise

    @app.task(name=SEND_TASK, queue=SEND_QUEUE, retry=_Backoff(), pass_context=True)
    def send_reply(context: procrastinate.JobContext, tenant: str, approval_id: str) -> None:
        try:
            handlers.send(tenant, approval_id)
        except Exception as exc:
            # as above: an approved reply must not wait unseen
            if context.job.attempts + 1 >= MAX_ATTEMPTS:
                handlers.give_up_sending(tenant, approval_id, type(exc).__name__)
            raise

    return app


class _Backoff(procrastinate.BaseRetryStrategy):
    """Full jitter: between 0 and 2, 4, 8, 16 s, so that an outage's jobs do not all come back at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        wait = timedelta(seconds=random.uniform(0, 2 ** (job.attempts + 1)))
        return procrastinate.RetryDecision(retry_at=datetime.now(UTC) + wait)


@dataclass(slots=True)
class _Shift:
    """One process's work: the job loop, the look-out for abandoned jobs, and the clock on each job."""

    app: procrastinate.App
    handlers: JobHandlers
    concurrency: int
    job_limit_s: float
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
                    await _wait(stopping, PAUSE_S)

    async def _until(self, stopping: asyncio.Event) -> None:
        jobs = asyncio.create_task(self._jobs(wait=True))
        lookout = asyncio.create_task(self._look_out())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({jobs, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not jobs.done():
                deadline = asyncio.get_running_loop().call_later(GRACE_S + 3, self._leave, "stop_overdue")
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
            fetch_job_polling_interval=POLL_EVERY_S,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_AFTER_S,
            shutdown_graceful_timeout=GRACE_S,
            install_signal_handlers=False,
            delete_jobs="successful",
            worker_middleware=[self._within_limit],
        )

    async def _within_limit(
        self, process: Callable[[], Awaitable[Any]], context: procrastinate.JobContext, worker: Worker
    ) -> Any:  # noqa: ANN401  (whatever the task returns)
        job_id = context.job.id
        assert job_id is not None
        self.worker = worker
        self.running.add(job_id)
        limit = asyncio.get_running_loop().call_later(self.job_limit_s, self._leave, "job_overdue")
        try:
            return await process()
        finally:
            limit.cancel()
            self.running.discard(job_id)

    async def _look_out(self) -> None:
        while True:
            try:
                await self._rescue()
            except exceptions.ConnectorException:
                logger.warning("database lost", extra={"action": "rescue_failed"})
            await asyncio.sleep(RESCUE_EVERY_S)

    async def _rescue(self) -> None:
        """Put abandoned jobs back into the queue; hand over those that were tried often enough."""
        for job in await abandoned_jobs(self.app, STALLED_AFTER_S, await self._forgotten()):
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
