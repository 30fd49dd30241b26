"""Alembic environment: migrates the connection that :class:`Database` hands over."""

from alembic import context

from triage.adapters.storage.rows import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
