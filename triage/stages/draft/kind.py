"""Which letter to write: from category, flags, evidence and history; a decision only when a person picked it."""

from __future__ import annotations

from triage.domain.classification import Classification
from triage.domain.company import Company, ReplyTemplate
from triage.domain.redaction import RedactedTicket
from triage.domain.ticket import Author
from triage.errors import ConfigurationError, NotFound

SAFETY = "SAFETY_STOP_USE"
SAFETY_KINDS = frozenset({SAFETY, "RECALL_NOTICE"})
EVIDENCE = "ASK_EVIDENCE"
RECEIPT = "ACK"
LIKELY = 0.6
"""Probability from which an abstained category may still lend its letter; a person reads it anyway."""
SURE = 0.8
_PARTICULAR = frozenset({"THANKS", "SUPPLIER_ACK", "LEGAL_ACK", "GDPR_ACK"})
_LEGAL_CODES = frozenset({"C14", "C15", "C16"})


def choose_kind(
    ticket: RedactedTicket,
    classification: Classification,
    company: Company,
    *,
    missing: tuple[str, ...],
    decision: str | None,
) -> str:
    """Choose the reply kind.

    A safety flag leaves the stop-use letter only (or the recall notice, when a person picks it): no other text may
    stand between a customer and the warning. A category that is hardly likely gets a plain acknowledgement.

    Args:
        missing: evidence still to be asked for.
        decision: the kind a person picked, if any.

    Raises:
        NotFound: there is no template of that kind.
    """
    if "SAFETY" in classification.flag_codes:
        return decision if decision in SAFETY_KINDS else SAFETY
    if decision is not None:
        if not any(template.kind == decision for template in company.templates):
            raise NotFound(f"There is no reply template {decision!r}; see the company's replies folder.")
        return decision
    if classification.code not in company.taxonomy:
        return RECEIPT
    proposed = company.taxonomy[classification.code].reply_kind
    if classification.abstained and classification.probability < (SURE if proposed in _PARTICULAR else LIKELY):
        return RECEIPT
    answered_before = any(message.author is Author.AGENT for message in ticket.messages)
    if missing and answered_before and proposed == RECEIPT and classification.matter not in _LEGAL_CODES:
        return EVIDENCE
    return proposed


def find_template(kind: str, language: str, company: Company) -> ReplyTemplate:
    """The template of a kind in a language.

    Raises:
        ConfigurationError: the company has none.
    """
    for template in company.templates:
        if template.kind == kind and template.language == language:
            return template
    raise ConfigurationError([f"replies/{language}/{kind}.md is missing."])
