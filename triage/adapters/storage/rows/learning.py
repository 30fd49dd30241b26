"""Corrections, levels of automation, what models said when, and the blind sample, as the migrations leave them."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Double, ForeignKeyConstraint, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from triage.adapters.storage.rows.core import metadata

corrections = Table(
    "corrections",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("ticket_id", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("suggested", ARRAY(Text), nullable=False),
    Column("value", ARRAY(Text), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("model", Text, nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "ticket_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Index("corrections_of_ticket", "tenant", "ticket_id", "at"),
)

automation = Table(
    "automation",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("margin", Double, nullable=False),
    Column("abstain_reason", Text),
    Column("language", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant", "ticket_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Index("predictions_by_time", "tenant", "role", "at"),
)

blind_sample = Table(
    "blind_sample",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("drawn_at", DateTime(timezone=True), nullable=False),
    Column("drawn_by", Text, nullable=False),
    Column("category", Text),
    Column("labelled_by", Text),
    Column("labelled_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant", "ticket_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
)
