"""Tombstones, retention and the product safety register.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the tables of this subject."""
    op.get_bind().exec_driver_sql((_SQL / "0002_privacy.sql").read_text(encoding="utf-8").replace("%", "%%"))
