"""First schema: tickets, messages, cases, approvals, audit, API keys, idempotency, and the job queue.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Create the tables of release 0.1 from SQL that never changes, whatever the code's tables become."""
    for script in ("0001_procrastinate_3.10.0.sql", "0001_tables.sql"):
        op.get_bind().exec_driver_sql((_SQL / script).read_text(encoding="utf-8").replace("%", "%%"))
