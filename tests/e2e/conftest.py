"""A served desk; every test has a tenant of its own in the session's PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.office import Office
    from triage.adapters.storage.database import Database


def pytest_configure(config: pytest.Config) -> None:
    # the embedded PostgreSQL's package says so once on machines without a login session
    config.addinivalue_line("filterwarnings", "ignore:XDG_RUNTIME_DIR is not set")


@pytest.fixture
def office(postgres: Database, tmp_path: Path) -> Office:
    from tests.e2e.office import Office

    return Office(postgres, tmp_path)
