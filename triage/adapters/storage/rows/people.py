"""Users, sessions, failed log-ins, single sign-on under way, emergency stops and first approvals."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from triage.adapters.storage.rows.core import metadata

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("teams", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("password_hash", Text),
    Column("subject", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    UniqueConstraint("name", name="users_by_name"),
    UniqueConstraint("subject", name="users_by_subject"),
    Index("users_of_tenant", "tenant", "name"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", LargeBinary, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
    Index("sessions_of_user", "user_id"),
    Index("sessions_by_age", "created_at"),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("name_sha256", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Index("login_failures_by_age", "last_at"),
)

sign_ons = Table(
    "sign_ons",
    metadata,
    Column("state_sha256", LargeBinary, primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Index("sign_ons_by_age", "begun_at"),
)

stops = Table(
    "stops",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

first_approvals = Table(
    "first_approvals",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("draft_digest", Text, nullable=False),
    Column("confirmed", ARRAY(Text), nullable=False),
    Column("approved_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant", "case_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
)
