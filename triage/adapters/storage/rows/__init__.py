"""Tables, as the migrations leave them, a module each subject. Every row carries its tenant."""

from triage.adapters.storage.rows.core import (
    api_keys,
    approvals,
    audit,
    cases,
    idempotency,
    messages,
    metadata,
    sending_pauses,
    tickets,
)
from triage.adapters.storage.rows.drafts import draft_edits, solved_cases, suggestions
from triage.adapters.storage.rows.knowledge import documents, rulings, search_verdicts, searches
from triage.adapters.storage.rows.learning import automation, blind_sample, corrections, predictions
from triage.adapters.storage.rows.outbound import (
    attachment_chunks,
    attachments,
    case_changes,
    import_tickets,
    imports,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)
from triage.adapters.storage.rows.people import first_approvals, login_failures, sessions, sign_ons, stops, users
from triage.adapters.storage.rows.privacy import safety_register, tombstones

__all__ = [
    "api_keys",
    "approvals",
    "attachment_chunks",
    "attachments",
    "audit",
    "automation",
    "blind_sample",
    "case_changes",
    "cases",
    "corrections",
    "documents",
    "draft_edits",
    "first_approvals",
    "idempotency",
    "import_tickets",
    "imports",
    "login_failures",
    "messages",
    "metadata",
    "predictions",
    "rulings",
    "safety_register",
    "search_verdicts",
    "searches",
    "sending_pauses",
    "sessions",
    "sign_ons",
    "solved_cases",
    "stops",
    "suggestions",
    "tickets",
    "tombstones",
    "users",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
]
