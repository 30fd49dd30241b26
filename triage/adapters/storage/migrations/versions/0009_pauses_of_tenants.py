"""A pause of sending for each tenant and way out, in place of one for all.

Revision ID: 0009
Revises: 0008
"""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Replace the table."""
    op.get_bind().exec_driver_sql((_SQL / "0009_pauses_of_tenants.sql").read_text(encoding="utf-8"))
