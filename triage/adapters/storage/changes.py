"""The outbox: every stored version of a case is a change, written with the deliveries it causes in its transaction.

Reading follows transactions, not positions: a position is handed out before its transaction ends, so a reader that went
by positions alone would miss what is committed late. Only transactions older than every open one are read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, Row, delete, literal_column, select, text, tuple_
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.sessions import session_of
from triage.domain.case import CaseState, TriageCase
from triage.domain.outbound import CaseChange, ChangePosition
from triage.ports import Clock

KEPT = timedelta(days=7)
_table = rows.case_changes
_order = (_table.c.xact, _table.c.position)
OLDEST_OPEN = "(pg_snapshot_xmin(pg_current_snapshot()))::text::bigint"
_oldest_open = literal_column(OLDEST_OPEN, BigInteger)

_RECORD = text("""
WITH change AS (
  INSERT INTO case_changes (tenant, ticket_id, state, version, at, measures)
  SELECT :tenant, one.ticket_id, one.state, one.version, one.at, one.measures
    FROM jsonb_to_recordset(CAST(:changes AS jsonb))
         AS one(ticket_id text, state text, version integer, at timestamptz, measures jsonb)
  RETURNING ticket_id, state, version, at
)
INSERT INTO webhook_deliveries
       (tenant, id, endpoint_id, ticket_id, state, version, at, status, attempts, next_at)
SELECT :tenant, 'msg_' || replace(gen_random_uuid()::text, '-', ''), endpoint.id,
       change.ticket_id, change.state, change.version, change.at, 'waiting', 0, change.at
  FROM change JOIN webhook_endpoints endpoint
    ON endpoint.tenant = :tenant AND endpoint.status <> 'disabled'
   AND (endpoint.states = '{}' OR change.state = ANY (endpoint.states))
""")


def record_changes(session: Session, tenant: str, cases: Sequence[TriageCase], *, triaged: bool = False) -> None:
    """Write a change for each case, and a delivery for each endpoint that wants it, in the session's transaction."""
    if not cases:
        return
    changes = [
        {
            "ticket_id": case.ticket_id,
            "state": case.state.value,
            "version": case.version,
            "at": case.updated_at.isoformat(),
            "measures": measures_of(case) if triaged else None,
        }
        for case in cases
    ]
    session.execute(_RECORD, {"tenant": tenant, "changes": json.dumps(changes)})


def measures_of(case: TriageCase) -> dict[str, object]:
    """What a triage measured: times and scores, no text."""
    found = case.classification
    return {
        "stages_ms": dict(case.timings_ms),
        "probability": found.probability if found else None,
        "abstained": found.abstained if found else None,
        "failed_stage": case.failure.stage if case.failure else "",
        "degraded": bool(case.provenance.degraded),
    }


@dataclass(frozen=True, slots=True)
class SqlChangeFeed:
    """Changes in order, to be followed from a position."""

    sessions: sessionmaker[Session]
    clock: Clock

    def after(self, position: ChangePosition, *, tenant: str | None = None, limit: int) -> tuple[CaseChange, ...]:
        """Changes behind ``position``, oldest first, of one tenant or of all."""
        query = select(_table).where(tuple_(*_order) > tuple_(position.xact, position.position))
        query = query.where(_table.c.xact < _oldest_open)
        if tenant is not None:
            query = query.where(_table.c.tenant == tenant)
        with session_of(self.sessions) as session:
            return tuple(_change(row) for row in session.execute(query.order_by(*_order).limit(limit)))

    def newest(self) -> ChangePosition:
        """Where a reader begins who wants only what is still to come."""
        with session_of(self.sessions) as session:
            oldest_open: int = session.execute(select(_oldest_open)).scalar_one()
        return ChangePosition(oldest_open - 1, 10**18 - 1)

    def forget_old(self) -> int:
        """Delete changes older than a week; returns how many."""
        with session_of(self.sessions) as session:
            old = delete(_table).where(_table.c.at <= self.clock.now() - KEPT).returning(_table.c.position)
            forgotten = len(session.execute(old).all())
            session.commit()
        return forgotten


def _change(row: Row[tuple[object, ...]]) -> CaseChange:
    return CaseChange(
        ChangePosition(row.xact, row.position),
        row.tenant,
        row.ticket_id,
        CaseState(row.state),
        row.version,
        row.at,
        row.measures,
    )
