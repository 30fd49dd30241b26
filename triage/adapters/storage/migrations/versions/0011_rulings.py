"""Rulings on questions, and what a search showed as near.

Revision ID: 0011
Revises: 0010
"""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the table and the columns."""
    op.get_bind().exec_driver_sql((_SQL / "0011_rulings.sql").read_text(encoding="utf-8"))
