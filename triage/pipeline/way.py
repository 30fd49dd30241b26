"""A ticket through all stages, in their order.

A stage takes values and at most one port, and returns one new frozen value. A stage that fails ends the run: what was
found so far is kept, and the case goes to a person with the stage's name. Nothing goes on with a guess.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from triage.calendars.counting import local_day
from triage.domain.case import CaseState, Provenance, TriageCase
from triage.domain.redaction import RedactionMap, local_view
from triage.domain.reply import Draft, restored
from triage.domain.summary import Summary
from triage.domain.ticket import Ticket
from triage.errors import StageFailed
from triage.pipeline.consequences import decided, draw_consequences
from triage.pipeline.letters import findings_of
from triage.pipeline.tools import Tools
from triage.recognisers.language import detect_language
from triage.stages.classify import classify, foretold
from triage.stages.extract import extract
from triage.stages.progress import Progress
from triage.stages.redact import Redaction, redact
from triage.stages.retrieve import retrieve
from triage.stages.summarise import summarise


def run(ticket: Ticket, case: TriageCase, tools: Tools, now: datetime) -> TriageCase:
    """Triage the newest revision of a ticket.

    Returns:
        The next version of the case: ``PENDING_APPROVAL`` with every stage's result, or ``NEEDS_ATTENTION`` with what
        was found before a stage failed.
    """
    return run_all([(ticket, case)], tools, now)[0]


def run_all(due: Sequence[tuple[Ticket, TriageCase]], tools: Tools, now: datetime) -> list[TriageCase]:
    """Triage several tickets, each as :func:`run` does; what the classifier says of them, it is asked in one call.

    Returns:
        The next version of each case, in order. A ticket at which a stage fails changes nothing for the others.
    """
    runs = [Progress(_blank(_received(case, now), ticket, tools)) for ticket, case in due]
    redactions = [_redacted(ticket, tools, run) for (ticket, _), run in zip(due, runs, strict=True)]
    tools = _asked_together(redactions, tools, runs)
    for (ticket, _), redaction, progress in zip(due, redactions, runs, strict=True):
        if redaction is None:
            continue
        try:
            _stages(ticket, redaction, tools, local_day(now), progress)
        except StageFailed as failed:
            progress.failed(failed)
    return [progress.ended(now) for progress in runs]


def _received(case: TriageCase, now: datetime) -> TriageCase:
    return case if case.state is CaseState.RECEIVED else case.become(CaseState.RECEIVED, now)


def _redacted(ticket: Ticket, tools: Tools, run: Progress) -> Redaction | None:
    """The ticket without personal data; ``None`` when that failed, and the run is over."""
    try:
        with run.stage("redact"):
            return redact(ticket, tools.recogniser, token=secrets.token_hex(2))
    except StageFailed as failed:
        run.failed(failed)
        return None


def _asked_together(redactions: Sequence[Redaction | None], tools: Tools, runs: Sequence[Progress]) -> Tools:
    """The tools, with what the classifier says of all tickets; each run's share of the time is counted to it."""
    started = time.perf_counter()
    requests = [redaction.ticket.request for redaction in redactions if redaction is not None]
    classifier = foretold(tools.classifier, requests)
    seconds = time.perf_counter() - started
    for run in runs:
        if run.failure is None:
            run.took("classify", seconds / len(requests))
    return replace(tools, classifier=classifier)


def _stages(ticket: Ticket, redaction: Redaction, tools: Tools, today: date, run: Progress) -> None:
    local, redacted = local_view(ticket), redaction.ticket
    with run.stage("classify"):
        found = classify(redacted, detect_language(redacted.request), tools.company, tools.classifier)
        classification = decided(found, run.case, redacted, tools)
        run.found(classification=classification, shadow=tools.trial(redacted.request))
    with run.stage("extract"):
        facts = extract(local, today=today)
        run.found(facts=facts)
    draw_consequences(local, redacted, tools, today, run, run.case.deadlines)
    with run.stage("retrieve"):
        run.found(passages=retrieve(redacted, facts, tools.retriever, today=today))
    with run.stage("draft"):
        draft = tools.drafter.draft(redacted, run.case, tools.company, today=today)
        provenance = _with_composer(run.case.provenance, draft)
        run.found(draft=restored(draft, redaction.map.restore), provenance=provenance)
    with run.stage("lint"):
        run.found(findings=findings_of(run.case, local, tools.company, today))
    with run.stage("summarise"):
        clocks = run.case.deadlines
        summary = summarise(redacted, classification, facts, clocks, tools.encoder, writer=tools.line_writer)
        provenance = replace(run.case.provenance, summariser=summary.summariser)
        run.found(summary=_restored_summary(summary, redaction.map), provenance=provenance)


def _blank(case: TriageCase, ticket: Ticket, tools: Tools) -> TriageCase:
    """The case without anything a former revision found but the clocks it started; what people set stays."""
    provenance = Provenance(
        classifier=tools.classifier.name,
        encoder=tools.encoder.name,
        index_generation=tools.retriever.generation,
        rule_table=tools.law.version,
        degraded=tuple(filter(None, [tools.retriever.degraded])),
    )
    return TriageCase(
        ticket.id,
        ticket.tenant,
        case.state,
        case.version,
        ticket.revision,
        case.updated_at,
        deadlines=case.deadlines if ticket.revision > case.ticket_revision else (),
        provenance=provenance,
        labels=case.labels,
        assignee=case.assignee,
        team=case.team,
        snoozed_until=case.snoozed_until,
        rejected_because=case.rejected_because,
        replied_on=case.replied_on,
        answered_on=case.answered_on,
    )


def _with_composer(provenance: Provenance, draft: Draft) -> Provenance:
    degraded = (*provenance.degraded, draft.degraded) if draft.degraded else provenance.degraded
    return replace(provenance, composer=draft.composer, degraded=degraded, summariser="extractive")


def _restored_summary(summary: Summary, redaction: RedactionMap) -> Summary:
    restore: Callable[[str], str] = redaction.restore
    return replace(summary, lines=tuple(replace(line, text=restore(line.text)) for line in summary.lines))
