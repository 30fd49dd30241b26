"""One embedded PostgreSQL for all tests over HTTP; every test has a tenant of its own in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.office import Office
    from triage.adapters.storage.database import Database


def pytest_configure(config: pytest.Config) -> None:
    # the embedded PostgreSQL's package says so once on machines without a login session
    config.addinivalue_line("filterwarnings", "ignore:XDG_RUNTIME_DIR is not set")


@pytest.fixture(scope="session")
def api_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    from triage.adapters.storage.database import opened

    with opened(tmp_path_factory.mktemp("api-data")) as database:
        yield database


@pytest.fixture
def office(api_database: Database, tmp_path: Path) -> Office:
    from tests.e2e.office import Office

    return Office(api_database, tmp_path)
