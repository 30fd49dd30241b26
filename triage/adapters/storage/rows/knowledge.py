"""Documents people put in, searches, and verdicts on their answers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from triage.adapters.storage.rows.core import metadata

documents = Table(
    "documents",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("metadata", JSONB, nullable=False),
    Column("given", JSONB, nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Text, nullable=False),
)

searches = Table(
    "searches",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("generation", Text, nullable=False),
    Column("hits", JSONB, nullable=False),
    Column("nearest", JSONB, nullable=False),
    Column("narrowed", Boolean, nullable=False),
    Index("searches_by_time", "tenant", "at"),
)

search_verdicts = Table(
    "search_verdicts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("search_id", Text, primary_key=True),
    Column("passage_id", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant", "search_id"], ["searches.tenant", "searches.id"], ondelete="CASCADE"),
)

rulings = Table(
    "rulings",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("document_version", Text, nullable=False),
    Column("section", JSONB, nullable=False),
    Column("passages", JSONB, nullable=False),
    Column("helped", Integer, nullable=False),
    Column("did_not", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("settled_by", Text, nullable=False),
    Index("rulings_by_state", "tenant", "state", "changed_at"),
)
