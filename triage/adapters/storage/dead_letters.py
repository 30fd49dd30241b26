"""Dead letters: jobs that were given up after their last attempt and wait for a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from triage.adapters.storage.jobs import SEND_TASK, TRIAGE_TASK
from triage.domain.jobs import DeadLetter, JobKind
from triage.errors import NotFound

_KINDS = {TRIAGE_TASK: JobKind.TRIAGE, SEND_TASK: JobKind.SEND}
_COLUMNS = """job.id, job.task_name, job.lock, job.attempts,
       (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id) AS at"""
_LIST = text(f"""
SELECT {_COLUMNS} FROM procrastinate_jobs job
 WHERE job.status = 'failed' AND job.args ->> 'tenant' = :tenant AND job.id > :after ORDER BY job.id LIMIT :limit
""")
_TAKE = text(f"""
SELECT {_COLUMNS} FROM procrastinate_jobs job
 WHERE job.status = 'failed' AND job.args ->> 'tenant' = :tenant AND job.id = :id FOR UPDATE OF job
""")
_AGAIN = text("""
UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL,
       abort_requested = false
 WHERE id = :id
""")


class SqlDeadLetters:
    """One tenant's dead letters, in the caller's transaction."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def page(self, *, limit: int, after: int = 0) -> tuple[DeadLetter, ...]:
        """Dead letters, oldest first; ``after`` is the last id of the page before."""
        found = self._session.execute(_LIST, {"tenant": self._tenant, "after": after, "limit": limit})
        return tuple(self._letter(row) for row in found)

    def take(self, job_id: int) -> DeadLetter:
        """Return a dead letter that nobody else replays meanwhile.

        Raises:
            NotFound: no such dead letter in this tenant.
        """
        row = self._session.execute(_TAKE, {"tenant": self._tenant, "id": job_id}).first()
        if row is None:
            raise NotFound("There is no such dead letter.")
        return self._letter(row)

    def requeue(self, letter: DeadLetter) -> None:
        """Let workers take the job again, with all its attempts."""
        self._session.execute(_AGAIN, {"id": letter.id})

    def _letter(self, row: Row[Any]) -> DeadLetter:
        case_id = str(row.lock or "").removeprefix(f"{self._tenant}/")
        return DeadLetter(row.id, self._tenant, _KINDS[row.task_name], case_id, row.attempts, row.at)
