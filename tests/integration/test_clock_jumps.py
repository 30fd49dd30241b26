"""Clocks set forward and back by hours, and clocks that disagree, under processes that take in, approve and send."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.fakes.clock import JumpingClock
from tests.integration.conftest import Nursery, nursery_over
from tests.integration.test_faults_under_load import ROLES, Shift, listed, settled, settles, wait_for_mail
from tests.integration.test_workers import wait_until
from triage.adapters.storage.database import Database, opened

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(1500)]
HOURS = (-49.0, -25.0, -5.0, -1.0, 1.0, 5.0, 25.0, 49.0)
"""Less and more than an approval lives."""


def everybody_works_while(
    nursery: Nursery, database: Database, jump: Callable[[float], None], jumps: int
) -> tuple[str, Counter[str]]:
    """Let a shift work through ``jumps`` jumps and finish at the right time; what was found, and steps by name."""
    outbox, chance = nursery.house.outbox.folder, random.Random(11)
    shift = Shift(nursery, chance)
    for role in ROLES:
        shift.begin(role, mortal=False)
    wait_for_mail(outbox)
    for _ in range(jumps):
        jump(chance.choice(HOURS))
        shift.tend()
        # not for mail: where who approves is days behind who sends, every approval has expired
        wait_until(
            lambda before=len(listed(outbox, "acknowledged")): len(listed(outbox, "acknowledged")) > before + 3, 120
        )
    jump(0.0)
    wait_for_mail(outbox)
    shift.end("receive_slowly")
    wait_until(lambda: settles(database), 300)
    assert shift.deaths == []
    shift.end(*ROLES)
    with database.engine.connect() as connection:
        steps = Counter(connection.execute(text("SELECT action FROM audit")).scalars())
        why = Counter(connection.execute(text("SELECT detail ->> 'why' FROM audit WHERE detail ? 'why'")).scalars())
    return settled(outbox, database, Counter(path.stem for path in outbox.glob("*.eml"))), steps + why


@pytest.fixture
def jumping(tmp_path: Path) -> JumpingClock:
    (tmp_path / "outbox").mkdir()
    clock = JumpingClock(tmp_path / "outbox" / "clock")
    clock.jump(0.0)
    return clock


@pytest.mark.parametrize("jumps", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_processes_whose_clocks_jump_and_disagree_lose_no_ticket_and_send_nothing_twice_or_unapproved(
    database: Database, tmp_path: Path, jumping: JumpingClock, jumps: int
) -> None:
    with nursery_over(database, tmp_path) as nursery:
        told, found = everybody_works_while(nursery, database, jumping.jump, jumps)
    sys.stdout.write(f"{jumps} jumps of every process's clock: {told}; {found['expired']} approvals had expired\n")
    assert found["expired"] > 0, "no approval ever met a clock on which it had ended"
    assert found["triaged"] >= found["sent"] > 0


@contextmanager
def database_on_a_false_clock(folder: Path) -> Iterator[Database]:
    """A PostgreSQL of its own whose clock is set by ``folder/wrong_by``; nobody else's is."""
    shipped = Path(pytest.importorskip("libfaketime").__file__).parent / "vendor" / "libfaketime" / "src"
    library, wrong_by = folder / "libfaketime.so.1", folder / "wrong_by"
    library.write_bytes((shipped / library.name).read_bytes())  # where the server's user may read it
    wrong_by.write_text("+0")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(wrong_by),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with ExitStack() as open_until_the_end:
        with pytest.MonkeyPatch.context() as only_for_the_server:
            for name, value in environment.items():
                only_for_the_server.setenv(name, value)
            database = open_until_the_end.enter_context(opened(folder / "data"))
        yield database


@pytest.mark.slow
def test_a_database_whose_clock_jumps_loses_no_ticket_and_sends_nothing_twice_or_unapproved(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with database_on_a_false_clock(folder) as database, nursery_over(database, tmp_path) as nursery:

            def jump(hours: float) -> None:
                new = folder / "wrong_by.new"
                new.write_text(f"{hours * 3600:+.0f}")
                new.rename(folder / "wrong_by")
                with database.engine.connect() as connection:
                    now = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
                assert abs(float(now) - time.time() - hours * 3600) < 60, "the database's clock did not jump"

            told, _ = everybody_works_while(nursery, database, jump, jumps=40)
    sys.stdout.write(f"40 jumps of the database's clock: {told}\n")
