"""Cases that are closed owe nothing: whether they were answered was not kept before.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take them out of what is still to be answered."""
    op.get_bind().exec_driver_sql("UPDATE cases SET safe_due = '9999-12-31' WHERE state IN ('sent', 'rejected')")
