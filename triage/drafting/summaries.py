"""Summaries of a contact history that is not a stored case, or is more than one ticket."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from knowledge_base.passage import Encoder
from triage.calendars.clock_table import ClockTable
from triage.calendars.regime import RegimeTable
from triage.calendars.rules import RuleTable
from triage.domain.company import Company
from triage.domain.redaction import RedactionMap, local_view
from triage.domain.summary import Summary
from triage.domain.ticket import Ticket
from triage.ports import Classifier, LineWriter, PersonalDataRecogniser
from triage.recognisers.language import detect_language
from triage.stages.classify import classify
from triage.stages.deadline import compute_deadlines
from triage.stages.extract import extract
from triage.stages.redact import redact
from triage.stages.summarise import summarise


@dataclass(frozen=True, slots=True)
class SummaryTools:
    """What a summary of a ticket alone needs: no knowledge base, no drafter."""

    company: Company
    rules: RuleTable
    clocks: ClockTable
    regimes: RegimeTable
    recogniser: PersonalDataRecogniser
    classifier: Classifier
    encoder: Encoder
    writer: LineWriter | None = None


def summarise_ticket(ticket: Ticket, tools: SummaryTools, today: date) -> Summary:
    """Summarise a ticket that is not stored; personal data are hidden from every model and put back in the lines.

    Raises:
        StageFailed: personal data could not be removed.
    """
    local = local_view(ticket)
    redaction = redact(ticket, tools.recogniser, token=secrets.token_hex(2))
    language = detect_language(redaction.ticket.request)
    found = classify(redaction.ticket, language, tools.company, tools.classifier)
    facts = extract(local, today=today)
    deadlines = compute_deadlines(local, found, facts, tools.rules, tools.clocks, tools.regimes)
    summary = summarise(redaction.ticket, found, facts, deadlines, tools.encoder, writer=tools.writer)
    return restored_summary(summary, redaction.map)


def restored_summary(summary: Summary, redaction: RedactionMap) -> Summary:
    """The summary with personal data put back."""
    return replace(summary, lines=tuple(replace(line, text=redaction.restore(line.text)) for line in summary.lines))
