"""Tables, as the migrations leave them, a module each subject. Every row carries its tenant."""

from triage.adapters.storage.rows.core import (
    api_keys,
    approvals,
    audit,
    cases,
    idempotency,
    messages,
    metadata,
    tickets,
)

__all__ = ["api_keys", "approvals", "audit", "cases", "idempotency", "messages", "metadata", "tickets"]
