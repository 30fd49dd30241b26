"""No statistics of an index that are costly to make and that nobody reads.

Revision ID: 0010
Revises: 0009
"""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Set it for the index."""
    op.get_bind().exec_driver_sql((_SQL / "0010_statistics_of_facts.sql").read_text(encoding="utf-8"))
