"""A served desk; every test has a tenant of its own in the session's PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.office import Office
    from triage.adapters.storage.database import Database


@pytest.fixture
def office(postgres: Database, tmp_path: Path) -> Office:
    from tests.e2e.office import Office

    with postgres.engine.begin() as connection:  # a pause of the way out is everybody's, of other tests too
        connection.exec_driver_sql("DELETE FROM sending_pauses")
    return Office(postgres, tmp_path)
