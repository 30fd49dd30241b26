"""Whether the database answers and has the schema this version needs."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from triage.adapters.storage.database import _MIGRATIONS
from triage.errors import StorageError, StorageUnavailable


def check_schema(engine: Engine) -> None:
    """Ask the database for its schema version.

    Raises:
        StorageUnavailable: it cannot be reached.
        StorageError: its schema is not the one of this version.
    """
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except (OperationalError, InterfaceError, PoolTimeout) as exc:
        raise StorageUnavailable() from exc
    if current != ScriptDirectory(_MIGRATIONS).get_current_head():
        raise StorageError("The schema is not the one of this version: restart the service to migrate it.")
