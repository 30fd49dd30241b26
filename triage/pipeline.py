"""The way of one ticket: the only place that knows the order of the stages.

A stage takes values and at most one port, and returns one new frozen value. A stage that fails ends the run: what was
found so far is kept, and the case goes to a person with the stage's name. Nothing goes on with a guess.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from triage.calendars.clock_table import ClockTable
from triage.calendars.counting import local_day
from triage.calendars.regime import RegimeTable
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import RuleTable
from triage.domain.case import CaseState, Provenance, TriageCase
from triage.domain.classification import Classification, Suggestion
from triage.domain.company import Company
from triage.domain.redaction import RedactedText, RedactedTicket, RedactionMap, local_view
from triage.domain.reply import Draft, Finding, restored
from triage.domain.style import Choice
from triage.domain.summary import Summary
from triage.domain.ticket import Ticket
from triage.errors import StageFailed
from triage.ports import Classifier, Drafter, Encoder, LineWriter, PersonalDataRecogniser, Retriever
from triage.recognisers.language import detect_language
from triage.stages.classify import classify, foretold
from triage.stages.deadline import report_clocks
from triage.stages.decide import category_in_force, urgency_in_force
from triage.stages.extract import extract
from triage.stages.lint import lint
from triage.stages.progress import Progress
from triage.stages.redact import Redaction, redact
from triage.stages.retrieve import retrieve
from triage.stages.rights import advise
from triage.stages.summarise import summarise
from triage.stages.urgency import weigh


@dataclass(frozen=True, slots=True)
class Law:
    """The dated tables a deadline is computed from."""

    rules: RuleTable
    clocks: ClockTable
    regimes: RegimeTable
    remedies: RemedyTable

    @property
    def version(self) -> str:
        """Versions of all tables, for the record of what a case rests on."""
        return "/".join(table.version for table in (self.rules, self.clocks, self.regimes, self.remedies))


Trial = Callable[[RedactedText], Suggestion | None]
"""What a model on trial says about a text; it never raises, because nothing may depend on it."""


def no_trial(text: RedactedText) -> None:
    """No model is on trial."""


Subcategory = Callable[[RedactedText, str], str]
"""The subcategory of a text within a category; empty when it does not tell."""


def no_subcategory(text: RedactedText, category: str) -> str:
    """No subcategories are told apart."""
    return ""


@dataclass(frozen=True, slots=True)
class Tools:
    """Models and data the stages work with, chosen by the composition root."""

    company: Company
    law: Law
    recogniser: PersonalDataRecogniser
    classifier: Classifier
    retriever: Retriever
    encoder: Encoder
    drafter: Drafter
    line_writer: LineWriter | None = None
    trial: Trial = no_trial
    subcategory: Subcategory = no_subcategory


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
        classification = _decided(found, run.case, redacted, tools)
        run.found(classification=classification, shadow=tools.trial(redacted.request))
    with run.stage("extract"):
        facts = extract(local, today=today)
        run.found(facts=facts)
    _consequences(local, redacted, tools, today, run)
    with run.stage("retrieve"):
        run.found(passages=retrieve(redacted, facts, tools.retriever, today=today))
    with run.stage("draft"):
        draft = tools.drafter.draft(redacted, run.case, tools.company, today=today)
        provenance = _with_composer(run.case.provenance, draft)
        run.found(draft=restored(draft, redaction.map.restore), provenance=provenance)
    with run.stage("lint"):
        run.found(findings=_findings(run.case, local, tools.company, today))
    with run.stage("summarise"):
        clocks = run.case.deadlines
        summary = summarise(redacted, classification, facts, clocks, tools.encoder, writer=tools.line_writer)
        provenance = replace(run.case.provenance, summariser=summary.summariser)
        run.found(summary=_restored_summary(summary, redaction.map), provenance=provenance)


def _decided(found: Classification, case: TriageCase, redacted: RedactedTicket, tools: Tools) -> Classification:
    """What people set, in force; and the subcategory within the category that is."""
    decided = category_in_force(found, case.labels, tools.company.taxonomy)
    if decided.subcategory:
        return decided
    return replace(decided, subcategory=tools.subcategory(redacted.request, decided.code))


def _consequences(local: RedactedTicket, redacted: RedactedTicket, tools: Tools, today: date, run: Progress) -> None:
    """What follows from category and facts: clocks, rights, urgency."""
    classification, facts, law = run.case.classification, run.case.facts, tools.law
    assert classification is not None
    with run.stage("deadline"):
        clocks = report_clocks(local, classification, facts, law.rules, law.clocks, law.regimes)
        run.found(deadlines=clocks.deadlines)
    with run.stage("rights"):
        tables = (law.rules, law.clocks, law.regimes, law.remedies)
        rights = advise(local, classification, facts, clocks, tables, tools.company.case_facts)
        run.found(rights=rights)
    with run.stage("urgency"):
        computed = weigh(redacted, classification, facts, clocks.deadlines, tools.company.urgency, today)
        urgency = urgency_in_force(computed, run.case.labels, run.case.ticket_revision)
        run.found(urgency=urgency)


def reconsider(ticket: Ticket, case: TriageCase, tools: Tools, now: datetime) -> TriageCase:
    """Draw the consequences of what people set on a case: clocks, rights, urgency and findings; the draft stays.

    Raises:
        StageFailed: a stage could not do its work.
    """
    if case.classification is None:
        return case
    progress = Progress(case)
    local, today = local_view(ticket), local_day(now)
    with progress.stage("redact"):
        redacted = redact(ticket, tools.recogniser, token=secrets.token_hex(2)).ticket
    progress.found(classification=_decided(case.classification, case, redacted, tools))
    _consequences(local, redacted, tools, today, progress)
    with progress.stage("lint"):
        return replace(progress.case, findings=_findings(progress.case, local, tools.company, today))


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
    return _findings(replace(case, draft=draft), local_view(ticket), company, today)


def _findings(case: TriageCase, local: RedactedTicket, company: Company, today: date) -> tuple[Finding, ...]:
    if case.draft is None or case.classification is None:
        return ()
    return lint(case.draft, local, case.classification, case.facts, case.deadlines, case.passages, company, today=today)


def _blank(case: TriageCase, ticket: Ticket, tools: Tools) -> TriageCase:
    """The case without anything a former revision found; what people set stays."""
    provenance = Provenance(
        classifier=tools.classifier.name,
        encoder=tools.encoder.name,
        index_generation=tools.retriever.generation,
        rule_table=tools.law.version,
    )
    return TriageCase(
        ticket.id,
        ticket.tenant,
        case.state,
        case.version,
        ticket.revision,
        case.updated_at,
        provenance=provenance,
        labels=case.labels,
        assignee=case.assignee,
        team=case.team,
        snoozed_until=case.snoozed_until,
        rejected_because=case.rejected_because,
    )


def _with_composer(provenance: Provenance, draft: Draft) -> Provenance:
    degraded = (*provenance.degraded, draft.degraded) if draft.degraded else provenance.degraded
    return replace(provenance, composer=draft.composer, degraded=degraded, summariser="extractive")


def _restored_summary(summary: Summary, redaction: RedactionMap) -> Summary:
    restore: Callable[[str], str] = redaction.restore
    return replace(summary, lines=tuple(replace(line, text=restore(line.text)) for line in summary.lines))
