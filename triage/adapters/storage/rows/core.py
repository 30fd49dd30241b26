"""Tickets, cases, approvals, audit, keys and idempotency, as the migrations leave them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata = MetaData()
_SEARCH_WORDS = """to_tsvector('simple'::regconfig, lower(regexp_replace(translate(
    id || ' ' || subject || ' ' || requester_name || ' ' || requester_email,
    'ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüÄÖÜéÉáÁ', 'acelnoszzACELNOSZZaouAOUeEaA'), '[^A-Za-z0-9]+', ' ', 'g')))"""

tickets = Table(
    "tickets",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("requester_name", Text, nullable=False),
    Column("requester_email", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("external_id", Text),
    Column("order_facts", JSONB, nullable=False),
    Column("search", TSVECTOR, Computed(_SEARCH_WORDS, persisted=True)),
    Index("tickets_by_requester", "tenant", "requester_email"),
    Index("tickets_by_received", "tenant", "received_at", "id"),
    Index("tickets_by_words", "search", postgresql_using="gin"),
)

messages = Table(
    "messages",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("text", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("attachments", JSONB, nullable=False),
    ForeignKeyConstraint(["tenant", "ticket_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    UniqueConstraint("tenant", "ticket_id", "id", name="messages_once"),
)

cases = Table(
    "cases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("ticket_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ticket_revision", Integer, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("category", Text),
    Column("level", Text, nullable=False, server_default=text("'P4'")),
    Column("safe_due", Date, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("category_by", Text),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    ForeignKeyConstraint(["tenant", "ticket_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Column("assignee", Text, nullable=False, server_default=text("''")),
    Column("team", Text, nullable=False, server_default=text("''")),
    Column("snoozed_until", DateTime(timezone=True)),
    Index(
        "cases_queue_by_assignee",
        "tenant",
        "assignee",
        "level",
        "safe_due",
        "ticket_id",
        postgresql_where=text("assignee <> ''"),
    ),
    Index(
        "cases_queue_by_team", "tenant", "team", "level", "safe_due", "ticket_id", postgresql_where=text("team <> ''")
    ),
    Index("cases_by_safe_due", "tenant", "safe_due", "ticket_id"),
    Index("cases_by_fact", text("((document -> 'facts'::text) -> 'items'::text)"), postgresql_using="gin"),
    Index("cases_queue", "tenant", "level", "safe_due", "ticket_id"),
    Index("cases_queue_by_state", "tenant", "state", "level", "safe_due", "ticket_id"),
    Index("cases_by_tag", "tags", postgresql_using="gin"),
    Index("cases_queue_by_category", "tenant", "category", "level", "safe_due", "ticket_id"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("ticket_revision", Integer, nullable=False),
    Column("draft_digest", Text, nullable=False),
    Column("recipients", ARRAY(Text), nullable=False),
    Column("channel", Text, nullable=False),
    Column("approved_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("confirmed", ARRAY(Text), nullable=False),
    Column("first_actor", Text, nullable=False, server_default=text("''")),
    Column("state", Text, nullable=False),
    Column("reference", Text),
    Column("delivered_at", DateTime(timezone=True)),
    Column("deferrals", Integer, nullable=False, server_default=text("0")),
    Column("deferred_because", Text, nullable=False, server_default=text("''")),
    Column("retry_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant", "case_id"], ["tickets.tenant", "tickets.id"], ondelete="CASCADE"),
    Index("approvals_put_off", "retry_at", postgresql_where=text("retry_at IS NOT NULL")),
    Index("approvals_of_case", "tenant", "case_id", "approved_at"),
    Index(
        "approvals_one_open_per_case",
        "tenant",
        "case_id",
        unique=True,
        postgresql_where=text("state IN ('granted', 'claimed', 'unknown')"),
    ),
)

sending_pauses = Table(
    "sending_pauses",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("because", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Index("audit_by_subject", "tenant", "subject", "position"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("only_scopes", ARRAY(Text)),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("response", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("idempotency_by_age", "created_at"),
)
