"""Replies that are tried again, and the pause in which none is tried.

Revision ID: 0008
Revises: 0007
"""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the columns and the table of this subject."""
    op.get_bind().exec_driver_sql((_SQL / "0008_deferred_replies.sql").read_text(encoding="utf-8"))
