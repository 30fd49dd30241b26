"""The audit log notices every way of changing the past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.fakes.clock import FakeClock
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database

pytestmark = pytest.mark.postgres


@pytest.fixture
def log(database: Database, clock: FakeClock) -> Database:
    """Ten entries of one tenant, and some of another one."""
    units_of_work = database.units_of_work(clock)
    for number in range(10):
        for tenant in ("default", "other"):
            with units_of_work(tenant) as uow:
                detail = {"version": str(number), "why": "zażółć"}
                uow.audit.append(actor="key:jan", action="approved", subject=f"T{number}", detail=detail)
                uow.commit()
        clock.advance(seconds=61)
    return database


def first_broken(database: Database, tenant: str = "default") -> int | None:
    with database.sessions() as session:
        return verify(session, tenant)


def test_an_untouched_log_is_whole(log: Database) -> None:
    assert first_broken(log) is None
    assert first_broken(log, "other") is None
    assert first_broken(log, "nobody") is None


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit SET actor = 'key:ewa' WHERE tenant = 'default' AND position = 4", 4),
        ("UPDATE audit SET action = 'rejected' WHERE tenant = 'default' AND position = 4", 4),
        ("UPDATE audit SET subject = 'T9' WHERE tenant = 'default' AND position = 4", 4),
        ("UPDATE audit SET at = at + interval '1 second' WHERE tenant = 'default' AND position = 10", 10),
        ("UPDATE audit SET detail = detail || '{\"version\": \"7\"}' WHERE tenant = 'default' AND position = 1", 1),
        ("DELETE FROM audit WHERE tenant = 'default' AND position = 4", 4),
        ("DELETE FROM audit WHERE tenant = 'default' AND position = 1", 1),
        (
            "UPDATE audit SET position = position + 100 WHERE tenant = 'default' AND position IN (5, 6);"
            "UPDATE audit SET position = 111 - position WHERE tenant = 'default' AND position > 100",
            5,
        ),
        (
            "INSERT INTO audit SELECT tenant, 11, at, actor, action, subject, detail, digest, digest FROM audit"
            " WHERE tenant = 'default' AND position = 10",
            11,
        ),
        (
            "UPDATE audit SET (actor, previous, digest) = (o.actor, o.previous, o.digest) FROM audit o"
            " WHERE audit.tenant = 'default' AND audit.position = 3 AND o.tenant = 'other' AND o.position = 3",
            3,
        ),
    ],
    ids=["actor", "action", "subject", "time of the last", "detail", "deleted", "first deleted", "reordered",
         "appended", "taken from another tenant"],
)  # fmt: skip
def test_tampering_is_found_where_it_happened(log: Database, tampering: str, broken_at: int) -> None:
    with log.engine.begin() as connection:
        for statement in tampering.split(";"):
            connection.exec_driver_sql(statement)
    assert first_broken(log) == broken_at
    assert first_broken(log, "other") is None


def test_entries_written_at_once_stand_in_one_chain_without_gap(database: Database) -> None:
    units_of_work = database.units_of_work(FakeClock())

    def append(number: int) -> None:
        with units_of_work("default") as uow:
            uow.audit.append(actor="system", action="triaged", subject=f"T{number}", detail={})
            if number % 5:
                uow.commit()  # every fifth is rolled back and must leave no hole

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(200)))
    assert first_broken(database) is None
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*), max(position) FROM audit")).one() == (160, 160)


def test_entries_written_together_stand_in_the_chain_like_single_ones(log: Database, clock: FakeClock) -> None:
    with log.units_of_work(clock)("default") as uow:
        details = {f"N{number}": {"version": "1"} for number in range(5)}
        uow.audit.append_all(actor="system", action="triaged", details=details)
        uow.audit.append_all(actor="system", action="triaged", details={})
        uow.audit.append(actor="key:jan", action="approved", subject="N0", detail={})
        uow.commit()
    assert first_broken(log) is None
    with log.sessions() as session:
        subjects = session.execute(
            text("SELECT subject FROM audit WHERE tenant = 'default' ORDER BY position")
        ).scalars()
        assert list(subjects)[10:] == ["N0", "N1", "N2", "N3", "N4", "N0"]
