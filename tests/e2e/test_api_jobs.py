"""Who is served when, and what becomes of jobs that were given up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.e2e.office import Office
from triage.adapters.storage.backlog import ROUND
from triage.adapters.storage.database import Database
from triage.adapters.storage.tasks import TAKING_OPTIONS
from triage.domain.access import Role

pytestmark = pytest.mark.postgres
ADMIN = Role.ADMIN


def bulk(office: Office, prefix: str, count: int) -> None:
    lines = "\n".join(json.dumps({"id": f"{prefix}{number}", "text": "Cieknie."}) for number in range(count))
    answer = office.call("POST", "/v1/tickets/bulk", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.json()["created"] == count


def taken(postgres: Database, count: int) -> list[str]:
    """Locks of the next jobs, in the order in which a worker takes them."""
    found = []
    with postgres.engine.begin() as connection:
        connection.execute(text("".join(f"SET LOCAL {o};" for o in TAKING_OPTIONS.replace("-c", "").split())))
        for _ in range(count):
            job = text("SELECT id, lock FROM procrastinate_fetch_job_v2(ARRAY['triage', 'send'], NULL)")
            row = connection.execute(job).one()
            connection.execute(text("SELECT procrastinate_finish_job_v1(:id, 'succeeded', true)"), {"id": row.id})
            found.append(row.lock)
    return found


def test_a_tenant_with_a_long_backlog_holds_up_another_ones_ticket_by_one_round_at_most(
    database: Database, tmp_path: Path
) -> None:
    busy, quiet = Office(database, tmp_path / "a"), Office(database, tmp_path / "b")
    bulk(busy, "B", 1000)
    taken(database, 300)  # workers are in the middle of it
    quiet.receive("Q1")
    position = taken(database, ROUND + 1).index(f"{quiet.tenant}/Q1")
    assert position <= ROUND


def test_two_backlogs_are_worked_on_in_turns_and_each_in_its_order(database: Database, tmp_path: Path) -> None:
    one, other = Office(database, tmp_path / "a"), Office(database, tmp_path / "b")
    bulk(one, "A", 200)
    bulk(other, "B", 200)
    order = taken(database, 200)
    mine = [lock for lock in order if lock.startswith(one.tenant)]
    assert abs(len(mine) - 100) <= ROUND
    assert mine == [f"{one.tenant}/A{number}" for number in range(len(mine))]


def test_a_dangerous_ticket_goes_before_every_backlog(database: Database, tmp_path: Path) -> None:
    busy, quiet = Office(database, tmp_path / "a"), Office(database, tmp_path / "b")
    bulk(busy, "B", 100)
    object.__setattr__(quiet.backend.casework, "is_urgent", lambda ticket: True)
    quiet.receive("FIRE")
    assert taken(database, 1) == [f"{quiet.tenant}/FIRE"]


def given_up(office: Office, postgres: Database, ticket_id: str) -> int:
    """A triage whose worker died five times."""
    office.receive(ticket_id)
    office.backend.casework.give_up(office.tenant, ticket_id, "the worker died or hung repeatedly")
    dead = text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 5 WHERE lock = :lock RETURNING id")
    with postgres.engine.begin() as connection:
        return int(connection.execute(dead, {"lock": f"{office.tenant}/{ticket_id}"}).scalar_one())


def test_a_job_that_was_given_up_is_listed_and_done_again_when_a_person_says_so(
    office: Office, postgres: Database, tmp_path: Path
) -> None:
    job = given_up(office, postgres, "T1")
    assert office.case("T1").json()["state"] == "needs_attention"
    [listed] = office.call("GET", "/v1/jobs/dead", role=ADMIN).json()["jobs"]
    assert (listed["id"], listed["kind"], listed["case_id"], listed["attempts"]) == (job, "triage", "T1", 5)
    stranger = Office(postgres, tmp_path)
    assert stranger.call("GET", "/v1/jobs/dead", role=ADMIN).json()["jobs"] == []
    assert stranger.call("POST", f"/v1/jobs/dead/{job}/replay", role=ADMIN).status_code == 404
    assert office.call("POST", f"/v1/jobs/dead/{job}/replay", role=ADMIN).status_code == 202
    assert office.call("POST", f"/v1/jobs/dead/{job}/replay", role=ADMIN).status_code == 404
    office.work()
    assert office.case("T1").json()["state"] == "pending_approval"
    log = office.call("GET", "/v1/audit?subject=T1", role=ADMIN).json()["entries"]
    assert [entry["action"] for entry in log][:3] == ["needs_attention", "job_replayed", "triaged"]


def test_replaying_a_send_sends_nothing(office: Office, postgres: Database) -> None:
    office.approve(office.pending("T1"))
    approval = office.call("GET", "/v1/cases/T1/approvals").json()["approvals"][0]["id"]
    office.backend.desk.give_up(office.tenant, approval, "the worker died or hung repeatedly")
    jobs = (
        "UPDATE procrastinate_jobs SET status = 'failed' WHERE lock = :lock AND task_name = 'send_reply' RETURNING id"
    )
    dead = text(jobs)
    with postgres.engine.begin() as connection:
        job = connection.execute(dead, {"lock": f"{office.tenant}/T1"}).scalar_one()
    assert office.call("POST", f"/v1/jobs/dead/{job}/replay", role=ADMIN).status_code == 202
    office.work()
    assert office.outbox == []
    assert office.case("T1").json()["state"] == "pending_approval"
