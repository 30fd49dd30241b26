"""The migrations leave exactly the tables the code works with, and the job queue its library expects."""

from __future__ import annotations

from pathlib import Path

import procrastinate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from triage.adapters.storage.database import Database
from triage.adapters.storage.rows import metadata

SQL = Path(__file__).parents[2] / "triage" / "adapters" / "storage" / "migrations" / "sql"
pytestmark = pytest.mark.postgres


def test_the_migrated_schema_is_the_one_of_the_code(database: Database) -> None:
    ours = set(metadata.tables)

    def include(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or name in ours

    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": include, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_table_the_migrations_do_not_know_would_be_noticed(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("ALTER TABLE cases ADD COLUMN planted text"))
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        connection.rollback()
    assert any("planted" in str(difference) for difference in differences)


def test_the_frozen_job_queue_is_the_one_of_the_pinned_library() -> None:
    """When the pin moves, add the library's own migration as a migration here, then freeze the new text."""
    frozen = (SQL / f"0001_procrastinate_{procrastinate.__version__}.sql").read_text(encoding="utf-8")
    assert frozen.partition("\n\n")[2] == SchemaManager.get_schema()


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0012"]


def test_an_analysis_of_cases_does_not_unpack_their_documents(database: Database) -> None:
    """A growing table is analysed every minute; statistics of an expression are made from every sampled document."""
    found = text("SELECT count(*) FROM pg_stats WHERE tablename = :table")
    case = """
    INSERT INTO tickets (tenant, id, subject, channel, requester_name, requester_email, received_at, revision,
                         order_facts)
    VALUES ('t', 'T1', '', 'email', '', '', now(), 1, '{}');
    INSERT INTO cases (tenant, ticket_id, state, version, ticket_revision, updated_at, safe_due, document)
    VALUES ('t', 'T1', 'received', 1, 1, now(), '2026-01-01', '{"facts": {"items": [{"kind": "serial"}]}}');
    ANALYZE cases"""
    with database.engine.connect() as connection:
        connection.exec_driver_sql(case)
        counted = [connection.execute(found, {"table": table}).scalar_one() for table in ("cases", "cases_by_fact")]
        connection.rollback()
    assert counted[0] > 10
    assert counted[1] == 0
