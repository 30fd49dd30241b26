"""The tasks a worker knows, and what happens when one fails."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import procrastinate
from procrastinate.jobs import Job

from triage.adapters.storage.beside import beside_of
from triage.adapters.storage.database_clock import DatabaseClock
from triage.adapters.storage.jobs import SEND_QUEUE, SEND_TASK, TRIAGE_QUEUE, TRIAGE_TASK

MAX_ATTEMPTS = 5
TAKING_OPTIONS = "-c enable_sort=off -c enable_bitmapscan=off -c enable_seqscan=off"
"""Planner settings of the connections that take jobs: in order of priority by its index, whatever the statistics say.

A queue that filled faster than it was analysed is otherwise read and sorted whole for every job (20,000 waiting jobs:
153 ms instead of 0.06 ms).
"""


class JobHandlers(Protocol):
    """What a worker does; given by the composition root."""

    def triage(self, tenant: str, ticket_id: str) -> None:
        """Triage the newest revision of a ticket."""

    def triage_all(self, tenant: str, ticket_ids: Sequence[str]) -> frozenset[str]:
        """Triage several tickets; returns the ids of those that need no more work."""

    def send(self, tenant: str, approval_id: str) -> None:
        """Send the reply of an approval, or read back what became of it."""

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        """Hand a ticket to a person: its triage will not be tried again."""

    def give_up_sending(self, tenant: str, approval_id: str, reason: str) -> None:
        """Hand a reply to a person: its sending will not be tried again."""


def worker_app(url: str, handlers: JobHandlers, clock: DatabaseClock) -> procrastinate.App:
    """An app whose tasks call ``handlers``; a task's last failing attempt hands its object to a person."""
    options = {"options": TAKING_OPTIONS, "connect_timeout": 10}
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4, kwargs=options)
    app = procrastinate.App(connector=connector)

    @app.task(name=TRIAGE_TASK, queue=TRIAGE_QUEUE, retry=_Backoff(clock), pass_context=True)
    def triage_ticket(context: procrastinate.JobContext, tenant: str, ticket_id: str) -> None:
        beside = beside_of(context)
        try:
            if beside.ticket_ids:
                beside.done = handlers.triage_all(tenant, [ticket_id, *beside.ticket_ids])
            if ticket_id not in beside.done:
                handlers.triage(tenant, ticket_id)
        except Exception as exc:
            # the worker's edge: whatever it was, the ticket must reach a person
            if context.job.attempts + 1 >= MAX_ATTEMPTS:
                handlers.give_up(tenant, ticket_id, type(exc).__name__)
            raise

    @app.task(name=SEND_TASK, queue=SEND_QUEUE, retry=_Backoff(clock), pass_context=True)
    def send_reply(context: procrastinate.JobContext, tenant: str, approval_id: str) -> None:
        try:
            handlers.send(tenant, approval_id)
        except Exception as exc:
            # as above: an approved reply must not wait unseen
            if context.job.attempts + 1 >= MAX_ATTEMPTS:
                handlers.give_up_sending(tenant, approval_id, type(exc).__name__)
            raise

    return app


@dataclass(frozen=True, slots=True)
class _Backoff(procrastinate.BaseRetryStrategy):
    """Full jitter: between 0 and 2, 4, 8, 16 s, so that an outage's jobs do not all come back at once."""

    clock: DatabaseClock

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        wait = timedelta(seconds=random.uniform(0, 2 ** (job.attempts + 1)))
        return procrastinate.RetryDecision(retry_at=self.clock.now() + wait)
