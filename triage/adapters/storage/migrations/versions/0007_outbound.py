"""Webhooks, attachments and bulk work.

Revision ID: 0007
Revises: 0006
"""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the tables of this subject."""
    op.get_bind().exec_driver_sql((_SQL / "0007_outbound.sql").read_text(encoding="utf-8").replace("%", "%%"))
