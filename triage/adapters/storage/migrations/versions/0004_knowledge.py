"""Uploaded documents, searches and what people said of their answers.

Revision ID: 0004
Revises: 0003
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the tables of this subject."""
    op.get_bind().exec_driver_sql((_SQL / "0004_knowledge.sql").read_text(encoding="utf-8").replace("%", "%%"))
