"""A desk at work — tickets coming in, people approving, workers triaging and sending — while its workers are killed."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.test_workers import Crew, Load, folder, wait_until  # noqa: F401  (a fixture)
from tests.integration.victims import House
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database
from triage.approval import Reading
from triage.domain.case import CaseState
from triage.errors import Conflict
from triage.ports import QueueFilter

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(1500)]
SETTLED = {"sent", "void", "failed", "unknown"}


class Approver(threading.Thread):
    """Approves whatever waits for it."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.house, self.stopping = house, threading.Event()
        self.approved: set[str] = set()
        self.start()

    def run(self) -> None:
        while not self.stopping.wait(0.05):
            with self.house.units_of_work("default") as uow:
                waiting = uow.cases.queue(QueueFilter(state=CaseState.PENDING_APPROVAL), limit=50)
            for case in waiting:
                assert case.draft is not None
                reading = Reading(case.version, case.draft.digest)
                try:
                    granted = self.house.desk.approve("default", case.ticket_id, actor="key:jan", reading=reading)
                except Conflict:
                    continue
                self.approved.add(granted.id)

    def stop(self) -> None:
        self.stopping.set()
        self.join()


@pytest.fixture
def house(database: Database, folder: Path) -> Iterator[House]:  # noqa: F811
    house = House.at(database.url, folder)
    yield house
    house.units_of_work.sessions.kw["bind"].dispose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.slow)])
def test_workers_killed_while_everybody_works_lose_no_ticket_and_send_no_reply_twice_or_unapproved(
    database: Database,
    house: House,
    folder: Path,  # noqa: F811
    kills: int,
) -> None:
    crew, chance = Crew(database.url, folder), random.Random(7)
    workers = [crew.start(), crew.start()]
    load, approver = Load(house), Approver(house)
    try:
        for number in itertools.count():
            if number == kills:
                break
            so_far = len(sent(folder))
            # in the middle of work: something has been sent since the last kill
            wait_until(lambda so_far=so_far: len(sent(folder)) > so_far, 120)
            time.sleep(chance.random() / 10)
            victim = workers.pop(0)
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
            workers.append(crew.start())
        load.stop()
        crew.start()
        wait_until(lambda: unsettled(database) == 0, 600)
    finally:
        load.stop()
        approver.stop()
        crew.dismiss()
    with database.engine.connect() as connection:
        stored = set(connection.execute(text("SELECT ticket_id FROM cases")).scalars())
        approvals = {row.id: row.state for row in connection.execute(text("SELECT id, state FROM approvals"))}
    assert set(load.acknowledged) <= stored
    mails = sent(folder)
    assert set(mails.values()) == {1}, "no reply twice"
    assert set(mails) <= set(approvals), "no reply without an approval"
    assert approver.approved <= set(approvals)
    assert set(approvals.values()) <= SETTLED
    assert set(mails) == {one for one, state in approvals.items() if state == "sent"}
    with database.sessions() as session:
        assert verify(session, "default") is None
    sys.stdout.write(
        f"{kills} SIGKILLs: {len(load.acknowledged)} acknowledged, {len(mails)} sent, {Counter(approvals.values())}\n"
    )


def sent(folder: Path) -> Counter[str]:  # noqa: F811
    """Replies by approval, read from the mails' own headers."""
    found: Counter[str] = Counter()
    for path in folder.glob("*.eml"):
        found[path.name.removesuffix(".eml")] += 1
    return found


def unsettled(database: Database) -> int:
    """Tickets and approvals that are still under way."""
    with database.engine.connect() as connection:
        open_cases = "SELECT count(*) FROM cases WHERE state IN ('received', 'pending_approval', 'approved', 'sending')"
        return int(connection.execute(text(open_cases)).scalar_one())


FULL_DISK = """
import sys
from pathlib import Path
from tests import builders
from tests.integration.victims import House
from triage.adapters.storage.database import opened
from triage.errors import TriageError

data = Path(sys.argv[1])
with opened(data) as database:
    house = House.at(database.url, data / "outbox")
    (data / "outbox").mkdir(exist_ok=True)
    acked, refused = [], 0
    ballast = data / "ballast"
    ballast.write_bytes(b"")
    for number in range(4000):
        if number == 200:
            with ballast.open("wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 16)); file.flush()
                except OSError:
                    pass
        try:
            house.casework.receive(builders.ticket(f"T{number}", builders.message(text="E18 " * 4000)))
            acked.append(f"T{number}")
        except Exception as exc:
            refused += 1
            if refused > 5:
                break
    ballast.unlink()
    import time
    started = time.monotonic()
    while True:
        try:
            house.casework.receive(builders.ticket("AFTER"))
            break
        except Exception:
            assert time.monotonic() - started < 30, "intake did not resume"
            time.sleep(0.5)
    house.units_of_work.sessions.kw["bind"].dispose()
with opened(data) as database:
    from sqlalchemy import text
    with database.engine.connect() as connection:
        stored = set(connection.execute(text("SELECT ticket_id FROM cases")).scalars())
assert refused > 0, "the disk was never full"
assert set(acked) <= stored, sorted(set(acked) - stored)[:5]
assert "AFTER" in stored
print(len(acked), "acknowledged,", refused, "refused, 0 lost")
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk of its own, which takes root")
def test_a_full_disk_refuses_tickets_loses_none_and_intake_resumes_when_there_is_room() -> None:
    with tempfile.TemporaryDirectory(prefix="triage-full-") as made:
        Path(made).chmod(0o755)
        script = (
            f"mount -t tmpfs -o size=160m,mode=755 none {made} && exec {sys.executable} -W ignore -c '$PROGRAM' {made}"
        )
        script = script.replace("'$PROGRAM'", '"$PROGRAM"')
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script],
            env=os.environ | {"PROGRAM": FULL_DISK},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "0 lost" in done.stdout
        sys.stdout.write(done.stdout)
