"""Edits of drafts, suggested wordings and solved cases, as the migrations leave them."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Double, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from triage.adapters.storage.rows.core import metadata

draft_edits = Table(
    "draft_edits",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reply_kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("composer", Text, nullable=False),
    Column("before_digest", Text, nullable=False),
    Column("after_digest", Text, nullable=False),
    Column("distance", Double, nullable=False),
    Column("changes", JSONB, nullable=False),
    ForeignKeyConstraint(["tenant", "case_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Index("draft_edits_of_case", "tenant", "case_id", "at"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("reply_kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("cases", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Index("suggestions_by_kind", "tenant", "state", "reply_kind", "language"),
)

solved_cases = Table(
    "solved_cases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("reply_kind", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("solved_at", DateTime(timezone=True), nullable=False),
    Column("encoder", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    ForeignKeyConstraint(["tenant", "case_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Index("solved_cases_newest", "tenant", "encoder", "solved_at"),
)
