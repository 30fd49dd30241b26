"""Numbers about the service as a whole, for metrics: what changed since a position, and what waits now. No text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage.changes import OLDEST_OPEN
from triage.adapters.storage.sending_pauses import pauses_of_all
from triage.adapters.storage.sessions import session_of
from triage.domain.deferral import Pause
from triage.domain.outbound import ChangePosition

BATCH = 5000

_CHANGES = text(f"""
SELECT change.xact, change.position, change.state, change.measures, edit.distance
  FROM case_changes change LEFT JOIN draft_edits edit
    ON edit.tenant = change.tenant AND edit.case_id = change.ticket_id AND edit.case_version = change.version - 1
   AND change.state = 'pending_approval' AND change.measures IS NULL
 WHERE (change.xact, change.position) > (:xact, :position) AND change.xact < {OLDEST_OPEN}
 ORDER BY change.xact, change.position LIMIT {BATCH}
""")
# by state and not over all: the index on tenant and state serves this, and what is sent is not counted
_OPEN = ("received", "pending_approval", "needs_attention", "approved", "sending", "delivery_unknown", "send_failed")
_CASES = text("""
SELECT tenants.tenant, open.state, open.cases, open.oldest_s
  FROM (SELECT DISTINCT tenant FROM api_keys) tenants CROSS JOIN LATERAL (
       SELECT state, count(*) AS cases, extract(epoch FROM now() - min(updated_at)) AS oldest_s
         FROM cases WHERE cases.tenant = tenants.tenant AND state = ANY(:states) GROUP BY state) open
""")
_JOBS = text("""
WITH place AS (
  SELECT queue_name, status, count(*) AS jobs, min(id) AS first
    FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2)
SELECT queue_name AS queue, status::text AS status, jobs,
       extract(epoch FROM now() - (SELECT min(at) FROM procrastinate_events
                                    WHERE job_id = place.first AND type = 'deferred')) AS oldest_s
  FROM place
""")
_PUT_OFF = text("""
SELECT count(*) AS replies, max(deferrals) AS deferrals,
       (array_agg(deferred_because ORDER BY retry_at) FILTER (WHERE deferrals > 0))[1] AS because
  FROM approvals WHERE state = 'granted' AND (retry_at IS NOT NULL OR deferrals > 0)
""")
_WEBHOOKS = text("SELECT status, count(*) AS deliveries FROM webhook_deliveries WHERE status <> 'delivered' GROUP BY 1")


@dataclass(frozen=True, slots=True)
class Measured:
    """One change's numbers; ``edit_distance`` where a person changed the draft, in [0, 1]."""

    position: ChangePosition
    state: str
    measures: Mapping[str, object] | None
    edit_distance: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits at one place, and for how many seconds the oldest has."""

    place: tuple[str, ...]
    count: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class PutOff:
    """Replies that did not leave and are tried again: how many, the most tries of one, and what stands in the way."""

    replies: int
    deferrals: int
    because: str


@dataclass(frozen=True, slots=True)
class SqlMeasurements:
    """Reads numbers of all tenants together."""

    sessions: sessionmaker[Session]

    def since(self, position: ChangePosition) -> tuple[Measured, ...]:
        """At most 5,000 changes behind ``position``, in order."""
        with session_of(self.sessions) as session:
            found = session.execute(_CHANGES, {"xact": position.xact, "position": position.position})
            return tuple(
                Measured(ChangePosition(row.xact, row.position), row.state, row.measures, row.distance) for row in found
            )

    def jobs(self) -> tuple[Waiting, ...]:
        """Jobs by queue and status."""
        with session_of(self.sessions) as session:
            found = session.execute(_JOBS)
            return tuple(Waiting((row.queue, row.status), row.jobs, float(row.oldest_s or 0)) for row in found)

    def open_cases(self) -> tuple[Waiting, ...]:
        """Cases by state, those that are over left out."""
        states: dict[str, tuple[int, float]] = dict.fromkeys(_OPEN, (0, 0.0))
        with session_of(self.sessions) as session:
            for row in session.execute(_CASES, {"states": list(_OPEN)}):
                count, oldest = states[row.state]
                states[row.state] = (count + row.cases, max(oldest, float(row.oldest_s)))
        return tuple(Waiting((state,), count, oldest) for state, (count, oldest) in states.items())

    def put_off(self) -> PutOff:
        """Replies that wait for another try."""
        with session_of(self.sessions) as session:
            row = session.execute(_PUT_OFF).one()
        return PutOff(row.replies, row.deferrals or 0, row.because or "")

    def pauses(self) -> Mapping[str, tuple[Pause, ...]]:
        """Ways out that rest, by tenant."""
        with session_of(self.sessions) as session:
            return pauses_of_all(session)

    def webhooks(self) -> tuple[Waiting, ...]:
        """Deliveries that wait or were given up."""
        with session_of(self.sessions) as session:
            counts = {row.status: row.deliveries for row in session.execute(_WEBHOOKS)}
        return tuple(Waiting((status,), counts.get(status, 0), 0.0) for status in ("waiting", "dead"))
