"""Another letter for a case that was triaged, and the checks of any words, whoever wrote them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date

from triage.domain.case import TriageCase
from triage.domain.company import Company
from triage.domain.redaction import RedactedTicket, local_view
from triage.domain.reply import Draft, Finding, restored
from triage.domain.style import Choice
from triage.domain.ticket import Ticket
from triage.pipeline.tools import Tools
from triage.stages.lint import lint
from triage.stages.redact import redact


def write_draft(
    ticket: Ticket, case: TriageCase, choice: Choice, tools: Tools, today: date
) -> tuple[Draft, tuple[Finding, ...]]:
    """Draft and check a letter of an agent's choice for a case that was triaged.

    The agent's facts stand for the shop's data while the letter is written. What the shop does not confirm is marked
    by the checks, like any other figure, and has to be ticked deliberately.

    Raises:
        StageFailed: personal data could not be removed, or no letter could be written.
    """
    told = replace(ticket, order={**ticket.order, **choice.facts})
    redaction = redact(told, tools.recogniser, token=secrets.token_hex(2))
    written = tools.drafter.draft(
        redaction.ticket, case, tools.company, today=today, decision=choice.decision, style=choice.style
    )
    draft = restored(written, redaction.map.restore)
    return draft, check_draft(draft, case, ticket, tools.company, today)


def check_draft(draft: Draft, case: TriageCase, ticket: Ticket, company: Company, today: date) -> tuple[Finding, ...]:
    """Lint any words for a case, whoever wrote them; what :mod:`triage.approval` asks before a person may approve."""
    return findings_of(replace(case, draft=draft), local_view(ticket), company, today)


def findings_of(case: TriageCase, local: RedactedTicket, company: Company, today: date) -> tuple[Finding, ...]:
    """What the checks find in a case's draft; nothing where there is none, or no category yet."""
    if case.draft is None or case.classification is None:
        return ()
    return lint(case.draft, local, case.classification, case.facts, case.deadlines, case.passages, company, today=today)
