"""Product safety: what makes entries of the register, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from triage.adapters.storage.database import opened
from triage.bootstrap.system_clock import SystemClock
from triage.config import Settings
from triage.pipeline import Tools
from triage.safety.desk import SafetyDesk
from triage.safety.hazards import DangerRegister, HazardTable


def danger_register(tools: Tools) -> DangerRegister:
    """What turns a case with the danger flag into an entry."""
    return DangerRegister(HazardTable.load(), tools.law.rules, tools.company.urgency.danger.flag)


@contextmanager
def open_safety(settings: Settings) -> Iterator[SafetyDesk]:
    """Open the database for the length of a ``with`` block; needs no model.

    Raises:
        StorageUnavailable: the database cannot be opened.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        clock = SystemClock()
        yield SafetyDesk(database.units_of_work(clock), clock, HazardTable.load())
