"""The pause in which no reply is tried, and replies whose time has come. All by the database's clock."""

from __future__ import annotations

from datetime import timedelta

import procrastinate
from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.jobs import SEND, SEND_QUEUE, SEND_TASK
from triage.domain.deferral import LONGEST_PAUSE

_table = rows.sending_pause
_IN_FORCE = _table.c.until.between(func.now(), func.now() + LONGEST_PAUSE)

_WAKE = """
WITH due AS (
  SELECT tenant, id, case_id FROM approvals
   WHERE retry_at <= now() AND state IN ('granted', 'unknown') ORDER BY retry_at LIMIT 100 FOR UPDATE SKIP LOCKED
), woken AS (
  UPDATE approvals SET retry_at = NULL FROM due
   WHERE approvals.tenant = due.tenant AND approvals.id = due.id
  RETURNING due.tenant, due.id, due.case_id
)
SELECT cardinality(procrastinate_defer_jobs_v1(array_agg(ROW(
         %(queue)s, %(task)s, %(priority)s, tenant || '/' || case_id, NULL,
         jsonb_build_object('tenant', tenant, 'approval_id', id), NULL)::procrastinate_job_to_defer_v1))) AS woken
  FROM woken HAVING count(*) > 0
"""


class SqlSendingPause:
    """Answers to the ``SendingPause`` port; one for the whole service, because there is one way out."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def left(self) -> timedelta:
        """How long it still lasts; zero when there is none.

        One that would last longer than any may is over: the clock was set back since it began.
        """
        query = select(_table.c.until - func.now()).where(_IN_FORCE)
        return self._session.execute(query).scalar() or timedelta(0)

    def begin(self, length: timedelta) -> None:
        """Begin one, or prolong it; it is never shortened."""
        begun = upsert(_table).values(one=True, until=func.now() + length)
        new = begun.excluded.until
        until = {"until": case((_IN_FORCE, func.greatest(_table.c.until, new)), else_=new)}
        self._session.execute(begun.on_conflict_do_update(index_elements=[_table.c.one], set_=until))


async def wake_put_off(app: procrastinate.App) -> int:
    """Enqueue replies that were put off, or whose outcome is looked for again, at their time; returns how many.

    They wait in their own row and not as a job: a job in the queue holds every other one of its ticket back.
    """
    job = {"queue": SEND_QUEUE, "task": SEND_TASK, "priority": SEND}
    found = await app.connector.execute_query_all_async(_WAKE, **job)
    return found[0]["woken"] if found else 0
