"""Tombstones of erased people, and the register of complaints about dangerous products."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from triage.adapters.storage.rows.core import metadata

tombstones = Table(
    "tombstones",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("erased_at", DateTime(timezone=True), nullable=False),
)

safety_register = Table(
    "safety_register",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Text, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("product", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("erase_after", Date, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Index("safety_register_by_model", "tenant", "model", "batch"),
    Index("safety_register_by_case", "tenant", "case_id"),
)
