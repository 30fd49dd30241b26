"""Jobs of workers that are gone: found, put back or put away, each in one statement that no other worker can cross.

Procrastinate lists such jobs and retries them by id in two steps; between the two another worker may have rescued and
started the job, and the retry would take it away from a living worker. Here a job changes only while it still belongs
to the worker it was found with.
"""

from __future__ import annotations

from dataclasses import dataclass

import procrastinate

_FIND = """
SELECT job.id, job.task_name, job.args, job.attempts, job.worker_id
  FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
 WHERE job.status = 'doing'
   AND (worker.id IS NULL
        OR worker.last_heartbeat < now() - make_interval(secs => %(stalled_after_s)s)
        OR job.id = ANY(%(forgotten)s::bigint[]))
 ORDER BY job.id LIMIT 500
"""

_CHANGE = """
UPDATE procrastinate_jobs
   SET status = %(status)s::procrastinate_job_status, attempts = attempts + 1, scheduled_at = NULL,
       abort_requested = false, worker_id = NULL
 WHERE id = %(id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint
   AND attempts = %(attempts)s
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A job that is marked as running though nobody runs it."""

    id: int
    task: str
    arguments: dict[str, str]
    attempts: int
    worker_id: int | None


async def abandoned_jobs(app: procrastinate.App, stalled_after_s: float, forgotten: list[int]) -> list[Abandoned]:
    """Jobs whose worker has shown no sign of life for ``stalled_after_s``, and those named in ``forgotten``."""
    rows = await app.connector.execute_query_all_async(_FIND, stalled_after_s=stalled_after_s, forgotten=forgotten)
    return [Abandoned(row["id"], row["task_name"], row["args"], row["attempts"], row["worker_id"]) for row in rows]


async def put_back(app: procrastinate.App, job: Abandoned) -> bool:
    """Let any worker take the job again, one attempt later; ``False`` when somebody else was faster."""
    return await _change(app, job, "todo")


async def put_away(app: procrastinate.App, job: Abandoned) -> bool:
    """Mark the job as failed for good; ``False`` when somebody else was faster."""
    return await _change(app, job, "failed")


async def _change(app: procrastinate.App, job: Abandoned, status: str) -> bool:
    changed = await app.connector.execute_query_all_async(
        _CHANGE, status=status, id=job.id, worker_id=job.worker_id, attempts=job.attempts
    )
    return bool(changed)
