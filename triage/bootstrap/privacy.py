"""The data protection desk with its stores; needs the database and no model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.residue import Residue, find_residue
from triage.adapters.storage.scrub import ScrubReport, scrub
from triage.bootstrap.system_clock import SystemClock
from triage.config import Settings
from triage.domain.privacy import Person
from triage.ports import Clock
from triage.privacy.desk import PrivacyDesk
from triage.privacy.schedule import RetentionSchedule
from triage.recognisers import Recognisers


@dataclass(frozen=True, slots=True)
class PrivacyOffice:
    """The desk, and what has to be done to the bytes themselves."""

    desk: PrivacyDesk
    database: Database
    folders: tuple[Path, ...]

    def scrub(self) -> ScrubReport:
        """Make deleted bytes go from tables, statistics and the write-ahead log."""
        return scrub(self.database.engine)

    def residue(self, person: Person) -> tuple[Residue, ...]:
        """Where a person is still named, in rows and in files."""
        return find_residue(self.database.engine, self.folders, person)


def privacy_office(settings: Settings, database: Database, clock: Clock) -> PrivacyOffice:
    """Wire a database into the data protection desk."""
    outbox = FileOutbox(settings.outbox, "", "", clock.now)
    desk = PrivacyDesk(
        unit_of_work=database.units_of_work(clock),
        clock=clock,
        recogniser=Recognisers(),
        schedule=RetentionSchedule.load(),
        seal=database.seal,
        journal=database.journal,
        files=(outbox,),
        aging_files=(outbox,),
    )
    folders = {settings.data_dir.resolve(), settings.outbox.resolve()}
    return PrivacyOffice(desk, database, tuple(sorted(folders)))


@contextmanager
def open_privacy(settings: Settings) -> Iterator[PrivacyOffice]:
    """Open the database for the length of a ``with`` block.

    Raises:
        StorageUnavailable: the database cannot be opened.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        yield privacy_office(settings, database, SystemClock())
