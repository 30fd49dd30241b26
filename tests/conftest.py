"""What every test gets: no network, an empty environment, no model hub; and one PostgreSQL for those that need it."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# Before anything imports a model library (hence E402 below): a hub is never asked, wherever a test runs.
# ruff: noqa: E402
os.environ["HF_HUB_OFFLINE"] = "1"
for _name in [name for name in os.environ if name.startswith(("TRIAGE_", "LANGSMITH_", "LANGCHAIN_"))]:
    del os.environ[_name]

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.clock import FakeClock
from tests.fakes.memory import MemoryStore
from tests.fakes.sender import FakeSender
from triage.config import Settings
from triage.ports import UnitOfWorkFactory

if TYPE_CHECKING:  # a unit test does not pay for importing a database
    from triage.adapters.storage.database import Database

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("default")

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NetworkBlocked(RuntimeError):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for method in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, method, _on_this_machine_only(getattr(socket.socket, method)))


def _on_this_machine_only(connect: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, address: object) -> object:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:  # type: ignore[index]
            raise NetworkBlocked(f"no network in tests: {address!r}")
        return connect(self, address)

    return guarded


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
def settings_in(tmp_path: Path) -> Settings:
    """Settings of a service whose data lies in the test's own folder."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """One embedded server for the whole session. Without fsync, which only a power cut would notice.

    Not in pytest's own folder: as root the server runs as another user, whom pytest locks out of there when a second
    session starts.
    """
    from sqlalchemy import text

    from triage.adapters.storage.database import opened

    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as database:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        yield database


@pytest.fixture
def database(postgres: Database) -> Database:
    """The session's database, emptied."""
    from sqlalchemy import text

    from triage.adapters.storage.rows import metadata

    tables = ", ".join(table.name for table in metadata.sorted_tables)
    with postgres.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}, procrastinate_jobs, procrastinate_workers CASCADE"))
    return postgres


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def units_of_work(request: pytest.FixtureRequest, clock: FakeClock) -> UnitOfWorkFactory:
    """The storage ports, on the fake and on PostgreSQL: whatever passes on one must pass on the other."""
    if request.param == "memory":
        return MemoryStore()
    found: Database = request.getfixturevalue("database")
    return found.units_of_work(clock)
