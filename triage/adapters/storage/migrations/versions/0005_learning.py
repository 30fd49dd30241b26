"""Corrections beside suggestions, and the models in use.

Revision ID: 0005
Revises: 0004
"""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the tables of this subject."""
    op.get_bind().exec_driver_sql((_SQL / "0005_learning.sql").read_text(encoding="utf-8").replace("%", "%%"))
