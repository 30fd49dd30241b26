"""How much work waits: what intake asks before it takes in more, and the place of a new job among its tenant's.

Fair share: workers take jobs by priority. A job's priority is minus its round: every tenant has :data:`ROUND` places in
a round, and a tenant that comes late starts at the round that is being worked on. So a tenant with 100,000 tickets
waiting holds up another one's next ticket by at most one round.

Source: P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996 (start tag = max(virtual time, last
finish tag)).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage.sessions import session_of
from triage.errors import Overloaded

ROUND = 20
FLOOR = -1_000_000

_TAIL = text("""
SELECT least(
         coalesce((SELECT max(priority) FROM procrastinate_jobs
                    WHERE status = 'todo' AND priority BETWEEN :floor AND :base), :base),
         coalesce((SELECT min(priority) FROM procrastinate_jobs
                    WHERE status = 'todo' AND args ->> 'tenant' = :tenant AND priority BETWEEN :floor AND :base), :base)
       ) AS tail
""")
_AT_TAIL = text("""
SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'tenant' = :tenant AND priority = :tail
""")
_WAITING = text("""
SELECT count(*) FILTER (WHERE args ->> 'tenant' = :tenant) AS mine, count(*) AS all
  FROM procrastinate_jobs WHERE status = 'todo'
""")


def priorities(session: Session, tenant: str, count: int, *, base: int, floor: int = FLOOR) -> list[int]:
    """Priorities of the tenant's next ``count`` jobs, at most ``base``, none below ``floor``."""
    bounds = {"tenant": tenant, "base": base, "floor": floor}
    tail = int(session.execute(_TAIL, bounds).scalar_one())
    taken = int(session.execute(_AT_TAIL, {"tenant": tenant, "tail": tail}).scalar_one())
    return [max(floor, tail - (taken + place) // ROUND) for place in range(count)]


@dataclass(slots=True)
class SqlBacklog:
    """Counts waiting jobs, at most every two seconds, and refuses more work than the bounds allow."""

    sessions: sessionmaker[Session]
    most_of_tenant: int
    most: int
    monotonic: Callable[[], float] = time.monotonic
    kept_s: float = 2.0
    _counted: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, tenant: str) -> None:
        """Refuse new work while too much waits.

        Raises:
            Overloaded: the tenant, or all together, have reached the bound.
        """
        mine, everybody = self.waiting(tenant)
        if mine >= self.most_of_tenant:
            raise Overloaded(f"{mine:,} of your tickets wait for their triage: go on when some are done.")
        if everybody >= self.most:
            raise Overloaded()

    def waiting(self, tenant: str) -> tuple[int, int]:
        """Jobs of the tenant, and of all, that wait; as of at most two seconds ago."""
        now = self.monotonic()
        with self._lock:
            at, mine, everybody = self._counted.get(tenant, (float("-inf"), 0, 0))
        if now - at < self.kept_s:
            return mine, everybody
        with session_of(self.sessions) as session:
            row = session.execute(_WAITING, {"tenant": tenant}).one()
        with self._lock:
            self._counted[tenant] = (now, row.mine, row.all)
        return row.mine, row.all
