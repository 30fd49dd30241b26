"""Jobs: Procrastinate tasks in the same PostgreSQL, enqueued in the transaction that needs them.

Two classes of job (see ``CONTRIBUTING.md``): triage is repeatable and is rescued when its worker dies; a send is claimed
at most once by :mod:`triage.approval`, so a rescued send job finds its approval already claimed and only reconciles.
A ticket has one waiting job at a time (queueing lock), and its jobs never run side by side (lock).
"""

from __future__ import annotations

import logging
from typing import Protocol

import procrastinate
import psycopg
from procrastinate import exceptions, jobs
from sqlalchemy.orm import Session

from triage.domain.reply import Approval
from triage.domain.ticket import Ticket

logger = logging.getLogger(__name__)

TRIAGE_TASK, SEND_TASK, RESCUE_TASK = "triage_ticket", "send_reply", "rescue_stalled"
URGENT, NORMAL, SEND = 50, 0, 100
MAX_ATTEMPTS = 5


class JobHandlers(Protocol):
    """What a worker does; given by the composition root."""

    def triage(self, tenant: str, ticket_id: str) -> None:
        """Triage the newest revision of a ticket."""

    def send(self, tenant: str, approval_id: str) -> None:
        """Send the reply of an approval, or read back what became of it."""

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        """Hand the ticket to a person after the last attempt failed."""


def job_app(url: str) -> procrastinate.App:
    """An app that enqueues and administers, for the API and the CLI (its pool opens on first use)."""
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=url, min_size=1, max_size=2))


def worker_app(url: str, handlers: JobHandlers) -> procrastinate.App:
    """An app whose tasks call ``handlers``, for workers."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4))
    retry = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS - 1, exponential_wait=2)

    @app.task(name=TRIAGE_TASK, queue="triage", retry=retry, pass_context=True)
    def triage_ticket(context: procrastinate.JobContext, tenant: str, ticket_id: str) -> None:
        try:
            handlers.triage(tenant, ticket_id)
        except Exception as exc:
            # the worker's edge: whatever it was, the ticket must reach a person
            if context.job is not None and context.job.attempts + 1 >= MAX_ATTEMPTS:
                handlers.give_up(tenant, ticket_id, type(exc).__name__)
            raise

    @app.task(name=SEND_TASK, queue="send", retry=retry)
    def send_reply(tenant: str, approval_id: str) -> None:
        handlers.send(tenant, approval_id)

    @app.periodic(cron="* * * * * */10")
    @app.task(name=RESCUE_TASK, queue="rescue", queueing_lock=RESCUE_TASK, pass_context=True)
    async def rescue_stalled(context: procrastinate.JobContext, timestamp: int) -> None:
        await rescue(app, handlers)

    return app


async def rescue(app: procrastinate.App, handlers: JobHandlers) -> None:
    """Put jobs of dead workers back into the queue; give up on those that killed their worker too often."""
    for job in await app.job_manager.get_stalled_jobs():
        if job.attempts + 1 >= MAX_ATTEMPTS and job.task_name == TRIAGE_TASK:
            handlers.give_up(str(job.task_kwargs["tenant"]), str(job.task_kwargs["ticket_id"]), "the worker died repeatedly")
            await app.job_manager.finish_job(job, status=jobs.Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(job)
        logger.warning("stalled job rescued", extra={"action": "job_rescued", "job_id": job.id, "task": job.task_name})


class SqlJobQueue:
    """Enqueues on the session's own connection, so job and state change are one transaction."""

    def __init__(self, session: Session, app: procrastinate.App) -> None:
        self._session = session
        self._app = app

    def triage(self, ticket: Ticket, *, urgent: bool = False) -> None:
        """Enqueue a triage; a ticket that already waits is not enqueued twice."""
        lock = f"{ticket.tenant}/{ticket.id}"
        options: dict[str, int] = {"priority": URGENT if urgent else NORMAL}
        connection = self._connection()
        try:
            with connection.transaction():  # a savepoint: the ticket must survive a refused duplicate job
                self._app.configure_task(
                    TRIAGE_TASK, queue="triage", lock=lock, queueing_lock=lock, connection=connection, **options
                ).defer(tenant=ticket.tenant, ticket_id=ticket.id)
        except exceptions.AlreadyEnqueued:
            logger.debug("already enqueued", extra={"action": "job_already_enqueued", "ticket_id": ticket.id})

    def send(self, approval: Approval) -> None:
        """Enqueue the sending of an approved reply."""
        lock = f"{approval.tenant}/{approval.case_id}"
        self._app.configure_task(
            SEND_TASK, queue="send", lock=lock, priority=SEND, connection=self._connection()
        ).defer(tenant=approval.tenant, approval_id=approval.id)

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        driver_connection = self._session.connection().connection.driver_connection
        assert isinstance(driver_connection, psycopg.Connection)
        return driver_connection
