"""Jobs: rows of Procrastinate's queue in the same PostgreSQL, written in the transaction that needs them.

Two classes of job: triage is repeatable and is put back when its worker dies; a send is claimed at most once by
:mod:`triage.approval`, so a send job that is run again finds its approval claimed and only reads the outcome back.

Jobs of one ticket never run side by side (lock). They carry no queueing lock on purpose: a second job for a ticket
finds nothing due and costs a read, while a refused second job can leave a newer message without one, and a job with a
queueing lock cannot be put back while another one waits.
"""

from __future__ import annotations

from collections.abc import Sequence

import procrastinate
import psycopg
from procrastinate import exceptions, jobs
from sqlalchemy import text
from sqlalchemy.orm import Session

from triage.adapters.storage.backlog import FLOOR, priorities
from triage.domain.reply import Approval
from triage.domain.ticket import Ticket
from triage.errors import Conflict, StorageUnavailable
from triage.ports.privacy import Erasure, Subject

TRIAGE_TASK, SEND_TASK = "triage_ticket", "send_reply"
TRIAGE_QUEUE, SEND_QUEUE = "triage", "send"
NORMAL, URGENT, SEND = 0, 50, 100


def job_app(url: str) -> procrastinate.App:
    """An app that enqueues on connections it is handed; it opens none of its own."""
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=url))


class SqlJobQueue:
    """Enqueues on the session's own connection, so job and state change are one transaction."""

    def __init__(self, session: Session, app: procrastinate.App) -> None:
        self._session = session
        self._app = app

    def triage(self, ticket: Ticket, *, urgent: bool = False) -> None:
        """Enqueue a triage of the ticket's newest revision."""
        self.triage_all([(ticket, urgent)])

    def triage_all(self, tickets: Sequence[tuple[Ticket, bool]]) -> None:
        """Enqueue a triage for each ticket, with whether it is urgent."""
        bands = ((NORMAL, FLOOR, [one for one, urgent in tickets if not urgent]),
                 (URGENT, NORMAL + 1, [one for one, urgent in tickets if urgent]))  # fmt: skip
        for base, floor, wanted in bands:
            if wanted:  # all of one tenant, like everything in a unit of work
                places = priorities(self._session, wanted[0].tenant, len(wanted), base=base, floor=floor)
                self._enqueue([_triage_job(ticket, place) for ticket, place in zip(wanted, places, strict=True)])

    def send(self, approval: Approval) -> None:
        """Enqueue the sending of an approved reply."""
        self._enqueue(
            [
                jobs.Job(
                    queue=SEND_QUEUE,
                    task_name=SEND_TASK,
                    lock=f"{approval.tenant}/{approval.case_id}",
                    queueing_lock=None,
                    priority=SEND,
                    task_kwargs={"tenant": approval.tenant, "approval_id": approval.id},
                )
            ]
        )

    def _enqueue(self, waiting: list[jobs.Job]) -> None:
        connection = self._session.connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        try:
            self._app.job_manager.batch_defer_jobs(waiting, connection=connection)
        except exceptions.ConnectorException as exc:
            raise StorageUnavailable() from exc


def _triage_job(ticket: Ticket, priority: int) -> jobs.Job:
    return jobs.Job(
        queue=TRIAGE_QUEUE,
        task_name=TRIAGE_TASK,
        lock=f"{ticket.tenant}/{ticket.id}",
        queueing_lock=None,
        priority=priority,
        task_kwargs={"tenant": ticket.tenant, "ticket_id": ticket.id},
    )


class PersonalJobs:
    """Jobs of a person's tickets, waiting and done; see :class:`triage.ports.privacy.PersonalStore`."""

    name = "jobs"

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def export(self, subject: Subject) -> list[dict[str, object]]:
        """Task and state of every job of the person's tickets."""
        query = text(
            "SELECT task_name, status::text, args FROM procrastinate_jobs WHERE lock = ANY(:locks) ORDER BY id"
        )
        found = self._session.execute(query, {"locks": self._locks(subject.tickets)})
        return [{"task": row.task_name, "status": row.status, "args": row.args} for row in found]

    def erase(self, erasure: Erasure) -> int:
        """Delete them, with their events; a kept ticket that waits for its triage still gets it.

        Raises:
            Conflict: a worker has one of them in hand.
        """
        locks = {"locks": self._locks(erasure.subject.tickets)}
        running = "SELECT count(*) FROM procrastinate_jobs WHERE lock = ANY(:locks) AND status = 'doing'"
        if self._session.execute(text(running), locks).scalar():
            raise Conflict("A worker has a ticket of this person in hand: repeat it in a moment.")
        kept_for_work = {"kept": self._locks(list(erasure.masks)), "triage": TRIAGE_TASK}
        gone = text(
            "DELETE FROM procrastinate_jobs WHERE lock = ANY(:locks)"
            " AND NOT (lock = ANY(:kept) AND status = 'todo' AND task_name = :triage) RETURNING id"
        )
        return len(self._session.execute(gone, locks | kept_for_work).all())

    def _locks(self, tickets: Sequence[str]) -> list[str]:
        return [f"{self._tenant}/{ticket_id}" for ticket_id in tickets]
