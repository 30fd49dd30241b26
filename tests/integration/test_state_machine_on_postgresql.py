"""The same machine of people, customers and workers as in the unit tests, on the real database."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import text

from tests.unit.test_case_state_machine import Desks
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database
from triage.adapters.storage.rows import metadata
from triage.ports import UnitOfWorkFactory

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("examples", [8, pytest.param(400, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])])
def test_invariants_hold_on_postgresql_too(database: Database, examples: int) -> None:
    tables = ", ".join(table.name for table in metadata.sorted_tables)

    class OnPostgres(Desks):
        def storage(self) -> UnitOfWorkFactory:
            with database.engine.begin() as connection:
                connection.execute(text(f"TRUNCATE {tables}, procrastinate_jobs CASCADE"))
            return database.units_of_work(self.clock)

        def waits_are_over(self) -> None:
            with database.engine.begin() as connection:
                connection.execute(text("UPDATE approvals SET retry_at = NULL"))
                connection.execute(text("DELETE FROM sending_pauses"))

        def teardown(self) -> None:
            super().teardown()
            with database.sessions() as session:
                assert verify(session, "default") is None

    OnPostgres.total_steps = 0
    profile = settings(
        max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(OnPostgres, settings=profile)
    assert OnPostgres.total_steps >= examples * 25
