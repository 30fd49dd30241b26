"""What a front end needs besides the services: keys, kept answers, the audit log to read, and checks of readiness."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from triage.adapters.storage.audit_trail import SqlAuditTrail
from triage.adapters.storage.idempotency import SqlAnswerStore
from triage.adapters.storage.keys import SqlKeyStore
from triage.adapters.storage.readiness import check_schema
from triage.bootstrap.services import Services
from triage.config import Settings
from triage.errors import ModelUnavailable, StorageUnavailable

LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """Stores that only people's front ends use; ``checks`` raise when their part is not ready."""

    keys: SqlKeyStore
    answers: SqlAnswerStore
    trail: SqlAuditTrail
    checks: Mapping[str, Callable[[], None]]


def open_front_end(services: Services) -> FrontEnd:
    """Wire the front end's stores to an open database."""
    database, clock = services.database, services.clock
    return FrontEnd(
        keys=SqlKeyStore(database.sessions, clock),
        answers=SqlAnswerStore(database.sessions, clock),
        trail=SqlAuditTrail(database.sessions),
        checks={
            "database": lambda: check_schema(database.engine),
            "index": lambda: _named(services.knowledge.generation, "index"),
            "classifier": lambda: _named(services.tools.classifier.name, "classifier"),
            "disk": lambda: check_disk(services.settings),
        },
    )


def check_disk(settings: Settings) -> None:
    """Look for room for the database and the outbox.

    Raises:
        StorageUnavailable: less than 200 MiB are free, or the folder cannot be written.
    """
    if shutil.disk_usage(settings.data_dir).free < LEAST_FREE_BYTES or not os.access(settings.data_dir, os.W_OK):
        raise StorageUnavailable("The data directory has no room or cannot be written: free disk space.")


def _named(name: str, part: str) -> None:
    if not name:
        raise ModelUnavailable(f"There is no {part}: run `triage index`.")
