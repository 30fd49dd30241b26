"""First schema: tickets, messages, cases, approvals, audit, API keys, idempotency, and Procrastinate's own tables.

Revision ID: 0001
Revises:
"""

from alembic import op
from procrastinate.schema import SchemaManager

from triage.adapters.storage.rows import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = ("tickets", "messages", "cases", "approvals", "audit", "api_keys", "idempotency")


def upgrade() -> None:
    """Create the tables of release 0.1."""
    connection = op.get_bind()
    metadata.create_all(connection, tables=[metadata.tables[name] for name in _TABLES])
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
