"""Jobs that a worker takes beside the one the queue gave it, so that several tickets share its transactions.

Each stays a job of its own: it belongs to the worker like the first one and is put back like it when the worker dies.
Only jobs that were never tried are taken, and only beside such a one: what was tried before is worked on alone, so that
a ticket that ends its worker drags no other one along twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import procrastinate
from procrastinate.jobs import Job

from triage.adapters.storage.jobs import TRIAGE_QUEUE, TRIAGE_TASK

_CONTEXT = "beside"

_TAKE = """
WITH candidate AS (
  SELECT job.id, job.args ->> 'tenant' AS tenant
    FROM procrastinate_jobs job
   WHERE job.status = 'todo' AND job.queue_name = %(queue)s AND job.attempts = 0
     AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
     AND NOT EXISTS (
       SELECT 1 FROM procrastinate_jobs other
        WHERE other.lock = job.lock
          AND (other.status = 'doing'
               OR other.status = 'todo' AND (other.priority, -other.id) > (job.priority, -job.id)))
   ORDER BY job.priority DESC, job.id ASC LIMIT %(most)s
     FOR UPDATE OF job SKIP LOCKED
)
UPDATE procrastinate_jobs job SET status = 'doing', worker_id = %(worker_id)s
  FROM candidate WHERE job.id = candidate.id AND candidate.tenant = %(tenant)s
RETURNING job.id, job.args ->> 'ticket_id' AS ticket_id
"""

_FINISH = """
DELETE FROM procrastinate_jobs WHERE id = ANY(%(ids)s::bigint[]) AND status = 'doing' AND worker_id = %(worker_id)s
"""

_PUT_BACK = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, worker_id = NULL
 WHERE id = ANY(%(ids)s::bigint[]) AND status = 'doing' AND worker_id = %(worker_id)s
"""


@dataclass(slots=True)
class Beside:
    """Jobs by id with their ticket, and the tickets that need no more work."""

    jobs: dict[int, str] = field(default_factory=dict)
    done: frozenset[str] = frozenset()

    @property
    def ticket_ids(self) -> tuple[str, ...]:
        """Their tickets."""
        return tuple(self.jobs.values())


def beside_of(context: procrastinate.JobContext) -> Beside:
    """What was taken beside a job."""
    found: Beside = context.additional_context.setdefault(_CONTEXT, Beside())
    return found


async def take_beside(context: procrastinate.JobContext, worker_id: int, most: int) -> Beside:
    """Take up to ``most`` jobs of the same tenant that would be next anyway."""
    job, beside = context.job, beside_of(context)
    if most > 0 and _may_have_company(job):
        tenant = str(job.task_kwargs["tenant"])
        taken = await context.app.connector.execute_query_all_async(
            _TAKE, queue=TRIAGE_QUEUE, most=most, worker_id=worker_id, tenant=tenant
        )
        beside.jobs = {row["id"]: row["ticket_id"] for row in taken}
    return beside


async def settle_beside(context: procrastinate.JobContext, worker_id: int) -> None:
    """Finish those that are done, and put the others back to be tried alone."""
    beside = beside_of(context)
    done = [job_id for job_id, ticket_id in beside.jobs.items() if ticket_id in beside.done]
    left = [job_id for job_id, ticket_id in beside.jobs.items() if ticket_id not in beside.done]
    for statement, ids in ((_FINISH, done), (_PUT_BACK, left)):
        if ids:
            await context.app.connector.execute_query_async(statement, ids=ids, worker_id=worker_id)


def _may_have_company(job: Job) -> bool:
    return job.task_name == TRIAGE_TASK and job.attempts == 0
