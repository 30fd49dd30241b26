"""The drill: back up, go on working, lose everything, restore, and look what is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import builders
from tests.fakes.clock import FakeClock
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.storage.database import Database, opened
from triage.approval import Desk, Reading
from triage.bootstrap.backup import back_up, restore
from triage.bootstrap.privacy import open_privacy
from triage.bootstrap.system_clock import SystemClock
from triage.casework import Casework
from triage.config import Settings
from triage.domain.case import CaseState, TriageCase
from triage.domain.privacy import Person
from triage.errors import StorageError

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]
PEOPLE = {"T1": "anna@example.com", "T2": "ewa@example.com", "T3": "jan@example.com", "T4": "ola@example.com"}


class Shop:
    """A small service in a data directory of its own."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder / "data")
        self.clock = SystemClock()
        self.outbox = FileOutbox(self.settings.outbox, "Domex", "serwis@domex.example", self.clock.now)

    def open(self) -> object:
        return opened(self.settings.data_dir)

    def casework(self, database: Database) -> Casework:
        return Casework(database.units_of_work(self.clock), self.clock, lambda ticket: False, builders.triaged)

    def desk(self, database: Database) -> Desk:
        return Desk(database.units_of_work(self.clock), self.clock, lambda draft, case, ticket: ())

    def case(self, database: Database, ticket_id: str) -> TriageCase:
        with database.units_of_work(self.clock)("default") as uow:
            return uow.cases.get(ticket_id)

    def approve(self, database: Database, ticket_id: str) -> str:
        case = self.case(database, ticket_id)
        assert case.draft is not None
        reading = Reading(case.version, case.draft.digest)
        return self.desk(database).approve("default", ticket_id, actor="key:jan", reading=reading).id

    def mails(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.settings.outbox.glob("*.eml"))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Not below pytest's own folder: as root the server runs as another user, who must get in."""
    import tempfile

    made = Path(tempfile.mkdtemp(prefix="triage-drill-"))
    made.chmod(0o755)
    yield made  # type: ignore[misc]
    shutil.rmtree(made, ignore_errors=True)


def test_after_losing_everything_a_restore_brings_back_cases_sends_nothing_and_nobody_who_was_erased(
    folder: Path,
) -> None:
    shop = Shop(folder)
    (shop.settings.model_dir / "m1").mkdir(parents=True)
    (shop.settings.model_dir / "m1" / "weights").write_bytes(b"model")
    with shop.open() as database:  # type: ignore[attr-defined]
        shop.casework(database).receive_all([builders.ticket(one, email=email) for one, email in PEOPLE.items()])
        for ticket_id in PEOPLE:
            shop.casework(database).triage("default", ticket_id)
        sent = shop.approve(database, "T1")
        assert shop.desk(database).send("default", sent, shop.outbox) is not None
        waiting = shop.approve(database, "T2")
        cases = {ticket_id: shop.case(database, ticket_id) for ticket_id in ("T1", "T3")}
        before = database.engine.connect().execute(text("SELECT count(*) FROM audit")).scalar_one()
    backup = folder / "backup.tar"
    manifest = back_up(shop.settings, backup)
    assert {"database.dump", "models/m1/weights", "privacy.key", f"outbox/{sent}.eml"} <= set(manifest.files)
    assert backup.stat().st_mode & 0o077 == 0

    with shop.open() as database:  # type: ignore[attr-defined]
        # life goes on: the approved reply leaves, and a person is erased
        assert shop.desk(database).send("default", waiting, shop.outbox) is not None
    with open_privacy(shop.settings) as office:
        person = Person(emails=(PEOPLE["T4"],))
        plan = office.desk.plan("default", person)
        office.desk.erase("default", person, actor="dpo", plan_digest=plan.digest)
    tombstones = folder / "tombstones.jsonl"
    shutil.copy(shop.settings.data_dir / "tombstones.jsonl", tombstones)
    mails = shop.mails()

    shutil.rmtree(shop.settings.data_dir)
    restored = restore(shop.settings, backup, tombstones=tombstones)
    assert (restored.void_approvals, restored.erased_again, dict(restored.broken_chains)) == (1, 1, {})
    with shop.open() as database:  # type: ignore[attr-defined]
        assert {ticket_id: shop.case(database, ticket_id) for ticket_id in ("T1", "T3")} == cases
        assert shop.case(database, "T2").state is CaseState.PENDING_APPROVAL
        assert shop.desk(database).send("default", waiting, shop.outbox) is None
        assert shop.mails() == {f"{sent}.eml": mails[f"{sent}.eml"]}
        with database.engine.connect() as connection:
            named = "SELECT count(*) FROM tickets WHERE requester_email = :email"
            assert connection.execute(text(named), {"email": PEOPLE["T4"]}).scalar_one() == 0
            assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() > before
        # the feed goes on: what comes after the restore is read after what came before it
        feed_after(database, shop)
    assert (shop.settings.model_dir / "m1" / "weights").read_bytes() == b"model"


def feed_after(database: Database, shop: Shop) -> None:
    from triage.adapters.storage.changes import SqlChangeFeed
    from triage.domain.outbound import START

    feed = SqlChangeFeed(database.sessions, FakeClock())
    shop.casework(database).receive(builders.ticket("T9"))
    told = [change.ticket_id for change in feed.after(START, limit=100)]
    assert told[-1] == "T9"
    assert {"T1", "T2", "T3"} <= set(told)


def test_a_restore_over_tickets_must_be_meant_and_a_changed_backup_is_refused(folder: Path) -> None:
    shop = Shop(folder)
    with shop.open() as database:  # type: ignore[attr-defined]
        shop.casework(database).receive(builders.ticket("T1"))
    backup = folder / "backup.tar"
    back_up(shop.settings, backup)
    with pytest.raises(StorageError, match="--replace"):
        restore(shop.settings, backup)
    broken = bytearray(backup.read_bytes())
    place = broken.find(b"PGDMP") + 2000
    broken[place] ^= 1
    backup.write_bytes(broken)
    with pytest.raises(StorageError, match="changed since"):
        restore(shop.settings, backup, replace=True)
    with shop.open() as database:  # type: ignore[attr-defined]
        assert shop.case(database, "T1").state is CaseState.RECEIVED


def test_the_commands_say_what_they_did(folder: Path) -> None:
    shop = Shop(folder)
    with shop.open() as database:  # type: ignore[attr-defined]
        shop.casework(database).receive(builders.ticket("T1"))
    environment = {"TRIAGE_DATA_DIR": str(shop.settings.data_dir), "PATH": "/usr/bin:/bin", "HOME": str(folder)}

    def triage(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "triage", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=Path.cwd(), check=False)

    made = triage("backup", str(folder / "b.tar"))
    assert made.returncode == 0, made.stderr
    assert "MB, made 20" in made.stdout
    refused = triage("restore", str(folder / "b.tar"))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    done = triage("restore", str(folder / "b.tar"), "--replace")
    assert done.returncode == 0, done.stderr
    assert "0 approvals taken back" in done.stdout
    assert triage("audit", "verify").stdout.strip() == "default: whole"
    assert triage("jobs", "dead").returncode == 0
    assert shop.mails() == {}
