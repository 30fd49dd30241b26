"""Users, their sessions and what they may do.

Revision ID: 0006
Revises: 0005
"""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the tables of this subject."""
    op.get_bind().exec_driver_sql((_SQL / "0006_people.sql").read_text(encoding="utf-8").replace("%", "%%"))
