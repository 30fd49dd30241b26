"""Changes of cases, webhooks, attachments and imports, as migration 0007 leaves them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from triage.adapters.storage.rows.core import metadata

case_changes = Table(
    "case_changes",
    metadata,
    Column(
        "xact", BigInteger, primary_key=True, autoincrement=False,
        server_default=text("((pg_current_xact_id())::text)::bigint"),
    ),
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("measures", JSONB),
    Index("case_changes_of_tenant", "tenant", "xact", "position"),
)  # fmt: skip

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("states", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("rotated_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("endpoint_id", Text, nullable=False),
    Column("ticket_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    ForeignKeyConstraint(
        ["tenant", "endpoint_id"], ["webhook_endpoints.tenant", "webhook_endpoints.id"], ondelete="CASCADE"
    ),
    Index(
        "webhook_deliveries_due",
        "tenant",
        "endpoint_id",
        "next_at",
        postgresql_where=text("status = 'waiting'"),
    ),
    Index("webhook_deliveries_of_endpoint", "tenant", "endpoint_id", "at", "id"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("delivery_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("http_status", Integer),
    Column("error", Text, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "delivery_id"], ["webhook_deliveries.tenant", "webhook_deliveries.id"], ondelete="CASCADE"
    ),
)

attachments = Table(
    "attachments",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("ticket_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant", "ticket_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Index("attachments_of_ticket", "tenant", "ticket_id", "created_at", "id"),
)

attachment_chunks = Table(
    "attachment_chunks",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("attachment_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant", "attachment_id"], ["attachments.tenant", "attachments.id"], ondelete="CASCADE"),
)

imports = Table(
    "imports",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("created_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("faults", JSONB, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

import_tickets = Table(
    "import_tickets",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("import_id", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    ForeignKeyConstraint(["tenant", "import_id"], ["imports.tenant", "imports.id"], ondelete="CASCADE"),
)
