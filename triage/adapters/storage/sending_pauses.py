"""Pauses in which no reply of a tenant is tried, and replies whose time has come. All by the database's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

import procrastinate
from sqlalchemy import Row, and_, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.jobs import SEND, SEND_QUEUE, SEND_TASK
from triage.domain.deferral import LONGEST_PAUSE, Pause

_table = rows.sending_pauses
_IN_FORCE = _table.c.until.between(func.clock_timestamp(), func.clock_timestamp() + LONGEST_PAUSE)
"""Not by ``now()``, the start of the transaction: a pause of an hour that began since would end too far ahead of it."""

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


class SqlSendingPauses:
    """The pauses of one tenant; answers to the ``SendingPauses`` port.

    One that would last longer than any may is over: the clock was set back since it began.
    """

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def left(self, way: str) -> timedelta:
        """How long the pause of a way still lasts; zero when there is none.

        Whoever lifts it waits until the reply that is put off because of it is there to be woken.
        """
        mine = and_(_table.c.tenant == self._tenant, _table.c.way == way)
        query = select(_table.c.until - func.now()).where(mine, _IN_FORCE).with_for_update(read=True)
        return self._session.execute(query).scalar() or timedelta(0)

    def begin(self, way: str, length: timedelta, because: str) -> None:
        """Begin one, or prolong it; it is never shortened."""
        values = {"tenant": self._tenant, "way": way, "because": because, "since": func.now()}
        begun = upsert(_table).values(values | {"until": func.now() + length})
        new = begun.excluded
        changed = {
            "until": case((_IN_FORCE, func.greatest(_table.c.until, new.until)), else_=new.until),
            "since": case((_IN_FORCE, _table.c.since), else_=new.since),
            "because": new.because,
        }
        self._session.execute(begun.on_conflict_do_update(index_elements=[_table.c.tenant, _table.c.way], set_=changed))

    def in_force(self) -> tuple[Pause, ...]:
        """The tenant's pauses, by way."""
        query = select(_table).where(_table.c.tenant == self._tenant, _IN_FORCE).order_by(_table.c.way)
        return tuple(map(_pause, self._session.execute(query)))

    def lift(self) -> tuple[Pause, ...]:
        """End them all; returns those that were in force."""
        in_force = self.in_force()
        self._session.execute(delete(_table).where(_table.c.tenant == self._tenant))
        return in_force


def pauses_of_all(session: Session) -> Mapping[str, tuple[Pause, ...]]:
    """The pauses of every tenant that has any, for whoever looks after the service."""
    tenants = session.execute(select(_table.c.tenant).where(_IN_FORCE).distinct().order_by(_table.c.tenant)).scalars()
    return {tenant: SqlSendingPauses(session, tenant).in_force() for tenant in tenants.all()}


def _pause(row: Row[Any]) -> Pause:
    return Pause(row.way, row.since.astimezone(UTC), row.until.astimezone(UTC), row.because)


async def wake_put_off(app: procrastinate.App) -> int:
    """Enqueue replies that were put off, or whose outcome is looked for again, at their time; returns how many.

    They wait in their own row and not as a job: a job in the queue holds every other one of its ticket back.
    """
    job = {"queue": SEND_QUEUE, "task": SEND_TASK, "priority": SEND}
    found = await app.connector.execute_query_all_async(_WAKE, **job)
    return found[0]["woken"] if found else 0
