"""The database: engine, sessions, migrations, job app — opened once per process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import procrastinate
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage.codec import to_json
from triage.adapters.storage.jobs import job_app
from triage.adapters.storage.server import EmbeddedServer
from triage.adapters.storage.tombstones import FileJournal, stored_key
from triage.adapters.storage.unit_of_work import SqlUnitOfWorkFactory
from triage.domain.privacy import Seal
from triage.errors import StorageUnavailable
from triage.ports import Clock

CONNECTIONS = 20
_MIGRATIONS = Path(__file__).parent / "migrations"
_SESSION_OPTIONS = "-c statement_timeout=15s -c lock_timeout=2s -c idle_in_transaction_session_timeout=30s -c jit=off"


@dataclass(frozen=True, slots=True)
class Database:
    """An open database; ``url`` is the libpq connection string other processes may use.

    Attributes:
        seal: makes the tombstones of erased people.
        journal: the tombstones' second copy, beside the database.
    """

    url: str
    engine: Engine
    sessions: sessionmaker[Session]
    jobs: procrastinate.App
    server: EmbeddedServer | None
    seal: Seal
    journal: FileJournal

    @classmethod
    def open(
        cls, data_dir: Path, url: str | None = None, privacy_key: str | None = None, connections: int = CONNECTIONS
    ) -> Database:
        """Open the configured server, or the embedded one of ``data_dir``; bring its schema up to date.

        Args:
            privacy_key: key of the tombstones; without one the data directory keeps its own.
            connections: the most this process may have open at once.

        Raises:
            StorageUnavailable: the server cannot be reached or started.
        """
        server = None if url else EmbeddedServer.start(data_dir / "postgres")
        address = url or (server.url if server else "")
        engine = create_engine(
            make_url(address).set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,  # an error's message must not hold a customer's words
            pool_size=(connections + 1) // 2,
            max_overflow=connections // 2,
            pool_timeout=5,  # a caller is told to come back before it gives up by itself
            connect_args={"options": _SESSION_OPTIONS, "connect_timeout": 10},
            json_serializer=to_json,
        )
        key = privacy_key.encode("utf-8") if privacy_key else stored_key(data_dir / "privacy.key")
        database = cls(
            address,
            engine,
            sessionmaker(engine, expire_on_commit=False),
            job_app(address),
            server,
            Seal(key),
            FileJournal(data_dir / "tombstones.jsonl"),
        )
        database.migrate()
        if server is not None:
            database._leave_no_traces()
        return database

    def migrate(self) -> None:
        """Run the migrations that are not applied yet; two processes starting together take turns."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        try:
            with self.engine.begin() as connection:
                connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('triage:migrate', 0))"))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except OperationalError as exc:
            raise StorageUnavailable() from exc

    def _leave_no_traces(self) -> None:
        """The embedded server logs no values of rows, and overwrites no old log segment where it can delete it."""
        wanted = {"log_error_verbosity": "terse", "wal_recycle": "off"}
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            changed = {name for name in wanted if connection.execute(text(f"SHOW {name}")).scalar() != wanted[name]}
            for name in sorted(changed):
                connection.execute(text(f"ALTER SYSTEM SET {name} = {wanted[name]}"))
            if changed:
                connection.execute(text("SELECT pg_reload_conf()"))

    def units_of_work(self, clock: Clock) -> SqlUnitOfWorkFactory:
        """The factory the core uses."""
        return SqlUnitOfWorkFactory(self.sessions, clock, self.jobs, self.seal)

    def close(self) -> None:
        """Close every connection; stop the embedded server when nobody else uses it."""
        self.engine.dispose()
        if self.server is not None:
            self.server.stop()


@contextmanager
def opened(
    data_dir: Path, url: str | None = None, privacy_key: str | None = None, connections: int = CONNECTIONS
) -> Iterator[Database]:
    """Open a database for the length of a ``with`` block."""
    database = Database.open(data_dir, url, privacy_key, connections)
    try:
        yield database
    finally:
        database.close()
