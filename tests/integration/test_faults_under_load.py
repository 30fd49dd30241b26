"""A desk at work — tickets coming in, people approving, workers triaging and sending — while everything fails."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.fakes.helpdesk import started
from tests.integration.conftest import Nursery, nursery_over
from tests.integration.test_workers import restart, wait_until
from tests.integration.victims import QUICK
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database, opened

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(1500)]
SETTLED = {"sent", "void", "failed", "unknown"}


ROLES = ("receive_slowly", "approve_for_ever", "work_for_ever", "work_for_ever")
GAVE_UP = 75  # what a worker ends with that found its job overdue
FAR = {"receive_slowly": 200, "approve_for_ever": 250, "work_for_ever": 400}
"""Points within which a process of the role meets its end: several tickets' worth."""


@dataclass
class Shift:
    """A process for each role, each with its hour of death; whoever dies is replaced."""

    nursery: Nursery
    chance: random.Random
    at_work: dict[int, tuple[str, str]] = field(default_factory=dict)
    born: int = 0
    deaths: list[str] = field(default_factory=list)
    paused: tuple[int, float] | None = None
    pauses: int = 0
    gave_up: int = 0

    def begin(self, role: str, *, mortal: bool = True) -> None:
        self.born += 1
        deadly = self.chance.randrange(1, FAR[role]) if mortal else 0
        name = f"{role[0]}{self.born}x"
        self.at_work[self.nursery.leave(role, name, self._trace(name), deadly)] = (role, name)

    def tend(self) -> None:
        """Replace the dead."""
        for pid, status in self.nursery.died().items():
            role, name = self.at_work.pop(pid)
            if os.waitstatus_to_exitcode(status) == GAVE_UP:
                self.gave_up += 1  # it woke from its pause and found its job overdue
            else:
                assert status == signal.SIGKILL, f"{role} ended by itself: {status}"
                self.deaths.append(f"{role}: {(self._trace(name).read_text().splitlines() or ['at random'])[-1]}")
            if self.paused is not None and self.paused[0] == pid:
                self.paused = None
            self._trace(name).unlink()
            self.begin(role)

    def pause(self) -> None:
        """Stop a worker (SIGSTOP) until long after its fellows gave its job to another one; one at a time."""
        if self.paused is not None:
            pid, until = self.paused
            if time.monotonic() > until:
                os.kill(pid, signal.SIGCONT)
                self.paused = None
        elif self.chance.random() < 0.05:
            workers = [pid for pid, (role, _) in self.at_work.items() if role == "work_for_ever"]
            self.paused = self.chance.choice(workers), time.monotonic() + 3 * QUICK.stalled_after
            os.kill(self.paused[0], signal.SIGSTOP)
            self.pauses += 1

    def end(self, *roles: str) -> None:
        """Kill what is at work in these roles."""
        for pid, (role, _) in list(self.at_work.items()):
            if role in roles:
                os.kill(pid, signal.SIGKILL)
                del self.at_work[pid]

    def _trace(self, name: str) -> Path:
        return self.nursery.folder / f"{name}.trace"


@pytest.fixture
def sending(request: pytest.FixtureRequest, nursery: Nursery) -> Iterator[Callable[[], Counter[str]]]:
    """Where replies go to, and how to read what arrived there by approval: the outbox, or a helpdesk in bad weather."""
    outbox = nursery.house.outbox.folder
    if request.param == "outbox":
        yield lambda: Counter(path.stem for path in outbox.glob("*.eml"))
        return
    with started(outbox / "helpdesk", mood="storm") as helpdesk:
        yield lambda: Counter(str(reply["id"]) for reply in helpdesk.ledger)


@pytest.mark.parametrize(
    ("sending", "kills"),
    [
        ("helpdesk", 12),
        pytest.param("helpdesk", 150, marks=pytest.mark.slow),
        pytest.param("outbox", 150, marks=pytest.mark.slow),
    ],
    indirect=["sending"],
)
def test_processes_of_every_kind_killed_at_any_step_under_load_lose_no_ticket_and_send_nothing_twice_or_unapproved(
    nursery: Nursery, database: Database, sending: Callable[[], Counter[str]], kills: int
) -> None:
    shift = Shift(nursery, random.Random(7))
    for role in ROLES:
        shift.begin(role)
    began = time.monotonic()
    while len(shift.deaths) < kills:
        assert time.monotonic() - began < 60 + 10 * kills, Counter(shift.deaths)
        time.sleep(0.05)
        shift.tend()
        shift.pause()
        let_waits_pass(database)
    shift.end(*ROLES)
    for role in ("approve_for_ever", "work_for_ever", "work_for_ever"):
        shift.begin(role, mortal=False)
    wait_until(lambda: settles(database), 600)
    shift.end(*ROLES)
    told = settled(nursery.house.outbox.folder, database, sending())
    paused = f"{shift.pauses} SIGSTOPs past the lease"
    sys.stdout.write(f"{len(shift.deaths)} SIGKILLs at {len(set(shift.deaths))} steps, {paused}: {told}\n")
    assert kills < 100 or (len(set(shift.deaths)) >= 30 and shift.pauses >= 10), Counter(shift.deaths)


@pytest.mark.parametrize("restarts", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_postgresql_restarted_while_everybody_works_loses_no_ticket_and_sends_nothing_twice_or_unapproved(
    tmp_path: Path, restarts: int
) -> None:
    with tempfile.TemporaryDirectory() as data, opened(Path(data)) as database:
        with nursery_over(database, tmp_path) as nursery:
            outbox = nursery.house.outbox.folder
            shift = Shift(nursery, random.Random(7))
            for role in ROLES:
                shift.begin(role, mortal=False)
            for _ in range(restarts):
                wait_for_mail(outbox)
                restart(database)
                shift.tend()
            wait_for_mail(outbox)
            shift.end("receive_slowly")
            wait_until(lambda: unsettled(database) == 0, 300)
            assert shift.deaths == []
            shift.end(*ROLES)
            told = settled(outbox, database, Counter(path.stem for path in outbox.glob("*.eml")))
    sys.stdout.write(f"{restarts} restarts of PostgreSQL (immediate): {told}\n")


def wait_for_mail(outbox: Path, more: int = 5) -> None:
    """Until the whole way of a ticket was gone a few times more."""
    so_far = len(list(outbox.glob("*.eml")))
    wait_until(lambda: len(list(outbox.glob("*.eml"))) > so_far + more, 120)


def settled(folder: Path, database: Database, arrived: Counter[str]) -> str:
    """Assert that everything acknowledged is there, and that what arrived was approved and arrived once."""
    acknowledged = listed(folder, "acknowledged")
    with database.engine.connect() as connection:
        stored = set(connection.execute(text("SELECT ticket_id FROM cases")).scalars())
        approvals = {row.id: row.state for row in connection.execute(text("SELECT id, state FROM approvals"))}
    assert acknowledged <= stored, "no acknowledged ticket lost"
    assert listed(folder, "approved") <= set(approvals), "no acknowledged approval lost"
    assert set(arrived.values()) == {1}, "no reply twice"
    assert set(arrived) <= set(approvals), "no reply without an approval"
    assert set(approvals.values()) <= SETTLED
    by_state = {state: {one for one, its in approvals.items() if its == state} for state in SETTLED}
    assert by_state["sent"] <= set(arrived), "what is said to be sent arrived"
    assert not (by_state["failed"] | by_state["void"]) & set(arrived), "what is said not to have left did not"
    with database.sessions() as session:
        assert verify(session, "default") is None
        tries = session.execute(text("SELECT count(*) FROM audit WHERE action = 'deferred'")).scalar_one()
    states = {state: len(found) for state, found in sorted(by_state.items()) if found}
    told = f"{len(acknowledged)} tickets acknowledged, {len(approvals)} approvals, {len(arrived)} arrived"
    return f"{told}, {tries} tries deferred, {states}"


def settles(database: Database) -> bool:
    """Whether nothing is under way any more; replies that were put off come due."""
    let_waits_pass(database)
    return unsettled(database) == 0


def let_waits_pass(database: Database) -> None:
    """What hours would bring about: replies that were put off are due, and the way out is open again."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE approvals SET retry_at = now() WHERE retry_at > now() AND state = 'granted'"))
        connection.execute(text("DELETE FROM sending_pauses"))


def listed(folder: Path, kind: str) -> set[str]:
    """What processes noted as acknowledged, the last line perhaps cut off by their death."""
    lines = (path.read_text().rpartition("\n")[0].split() for path in folder.glob(f"*.{kind}"))
    return {one for found in lines for one in found}


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
