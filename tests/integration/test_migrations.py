"""From release 0.1, with its data, to now: nothing is lost, and what was stored can still be read and worked on."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import builders
from tests.fakes.clock import START, FakeClock
from triage.adapters.storage.audit import GENESIS, _digest, verify
from triage.adapters.storage.database import opened
from triage.adapters.storage.server import EmbeddedServer
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.domain.case import CaseState
from triage.ports import QueueFilter

SQL = Path(__file__).parents[2] / "triage" / "adapters" / "storage" / "migrations" / "sql"
CASE = json.loads((Path(__file__).parents[1] / "data" / "case_0.1.json").read_text("utf-8"))
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


@pytest.fixture
def release_0_1() -> Iterator[Path]:
    """A data directory as release 0.1 left it: its schema from its own SQL, a case as it wrote it, jobs and audit."""
    with tempfile.TemporaryDirectory(prefix="triage-old-") as made:
        Path(made).chmod(0o755)
        server = EmbeddedServer.start(Path(made) / "postgres")
        with psycopg.connect(server.url, autocommit=True) as old:
            for script in ("0001_procrastinate_3.10.0.sql", "0001_tables.sql"):
                old.execute((SQL / script).read_text("utf-8").encode())
            old.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
            old.execute("INSERT INTO alembic_version VALUES ('0001')")
            fill(old)
        server.stop()
        yield Path(made)


def fill(old: psycopg.Connection) -> None:
    for number in (1, 2):
        ticket = f"T{number}"
        old.execute(
            "INSERT INTO tickets VALUES ('default', %s, 'Reklamacja', 'email', 'Anna', %s, %s, 1, NULL, '{}')",
            (ticket, f"anna{number}@example.pl", START),
        )
        old.execute(
            "INSERT INTO messages VALUES ('default', %s, 0, 'm1', 'customer', %s, 'Błąd E18.', 'Błąd E18.', '[]')",
            (ticket, START),
        )
    done = {name: value for name, value in CASE.items() if name != "draft_digest_then"}
    old.execute(
        "INSERT INTO cases VALUES ('default', 'T1', 'pending_approval', 2, 1, %s, 'C03', 'P2', '2026-11-30', %s)",
        (START, json.dumps(done)),
    )
    new = {"format": 1, "ticket_id": "T2", "tenant": "default", "state": "received", "version": 1}
    new |= {"ticket_revision": 1, "updated_at": START.isoformat()}
    old.execute(
        "INSERT INTO cases VALUES ('default', 'T2', 'received', 1, 1, %s, NULL, 'P4', '9999-12-31', %s)",
        (START, json.dumps(new)),
    )
    old.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args) "
        "VALUES ('triage', 'triage_ticket', 'default/T2', '{\"tenant\": \"default\", \"ticket_id\": \"T2\"}')"
    )
    old.execute(
        "INSERT INTO api_keys VALUES ('abcd2345', 'default', 'biuro', 'admin', %s, %s, %s, NULL)",
        (b"\x01" * 32, START, START.replace(year=2027)),
    )
    entry: dict[str, object] = {
        "tenant": "default", "position": 1, "at": START, "actor": "system", "action": "triaged", "subject": "T1",
        "detail": {"version": "2"},
    }  # fmt: skip
    old.execute(
        "INSERT INTO audit VALUES ('default', 1, %s, 'system', 'triaged', 'T1', '{\"version\": \"2\"}', %s, %s)",
        (START, GENESIS, _digest(GENESIS, entry)),
    )


def test_a_desk_of_release_0_1_goes_on_where_it_was(release_0_1: Path) -> None:
    with opened(release_0_1) as database:
        units, clock = database.units_of_work(FakeClock()), FakeClock()
        with units("default") as uow:
            case, ticket = uow.cases.get("T1"), uow.tickets.get("T1")
            queue = uow.cases.queue(QueueFilter(), limit=10)
        assert (case.state, case.version, ticket.messages[0].text) == (CaseState.PENDING_APPROVAL, 2, "Błąd E18.")
        assert case.draft is not None
        assert case.draft.digest == CASE["draft_digest_then"]
        assert [one.ticket_id for one in queue] == ["T1", "T2"]
        desk = Desk(units, clock, lambda draft, case, ticket: ())
        desk.approve("default", "T1", actor="key:jan", reading=Reading(2, case.draft.digest))
        triaged = Casework(units, clock, lambda ticket: False, builders.triaged).triage("default", "T2")
        assert triaged is not None
        assert triaged.state is CaseState.PENDING_APPROVAL
        with database.sessions() as session:
            assert verify(session, "default") is None
        with database.engine.connect() as connection:
            jobs = connection.exec_driver_sql("SELECT lock FROM procrastinate_jobs ORDER BY id").scalars().all()
            told = connection.exec_driver_sql("SELECT state FROM case_changes ORDER BY position").scalars().all()
        assert jobs == ["default/T2", "default/T1"]
        assert told == ["approved", "pending_approval"]
    with opened(release_0_1) as database:  # a second start changes nothing
        with database.units_of_work(FakeClock())("default") as uow:
            assert uow.cases.get("T1").state is CaseState.APPROVED
