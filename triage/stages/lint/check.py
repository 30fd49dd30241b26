"""All checks of a draft, in one call."""

from __future__ import annotations

from datetime import date

from knowledge_base.answer import ScoredPassage
from triage.domain.classification import Classification, Facts
from triage.domain.company import Company
from triage.domain.deadline import Deadline
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft, Finding, Severity
from triage.stages.lint.addresses import check_addresses
from triage.stages.lint.altered import check_altered, check_model_text
from triage.stages.lint.claims import check_claims
from triage.stages.lint.dates import check_dates
from triage.stages.lint.form import check_form
from triage.stages.lint.matter import read_matter
from triage.stages.lint.phrases import check_phrases
from triage.stages.lint.promises import check_promises
from triage.stages.lint.quotes import check_quotes
from triage.stages.lint.required import check_required
from triage.stages.lint.statements import check_statements

_ORDER = {Severity.BLOCK: 0, Severity.CONFIRM: 1, Severity.INFO: 2}
_CHECKS = (
    check_form,
    check_phrases,
    check_required,
    check_promises,
    check_dates,
    check_claims,
    check_statements,
    check_addresses,
    check_quotes,
    check_altered,
    check_model_text,
)


def lint(
    draft: Draft,
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    deadlines: tuple[Deadline, ...],
    passages: tuple[ScoredPassage, ...],
    company: Company,
    *,
    today: date,
) -> tuple[Finding, ...]:
    """Check the words of a draft against its case.

    Nothing in a draft is trusted but its words: an agent's edited text is checked like the composer's.

    Args:
        passages: what was retrieved for the case; quotes must stand in them word for word.
        today: the day of the check; dates ahead of it are promises.

    Returns:
        Findings, blocking ones first, then in reading order; none twice.
    """
    matter = read_matter(draft, ticket, classification, facts, deadlines, passages, company, today)
    found = {finding: None for check in _CHECKS for finding in check(matter)}
    return tuple(
        sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.start, finding.end, finding.code))
    )
