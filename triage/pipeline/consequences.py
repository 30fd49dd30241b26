"""What follows from a case's category and facts: clocks, rights, urgency; drawn again when people set another one."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime

from triage.calendars.counting import local_day
from triage.domain.case import CLOSED, TriageCase
from triage.domain.classification import Classification
from triage.domain.company import Company
from triage.domain.deadline import Deadline, still_running
from triage.domain.letter_date import redated
from triage.domain.redaction import RedactedTicket, local_view
from triage.domain.ticket import Ticket
from triage.pipeline.letters import findings_of
from triage.pipeline.tools import Tools
from triage.stages.deadline import report_clocks
from triage.stages.decide import category_in_force, urgency_in_force
from triage.stages.progress import Progress
from triage.stages.redact import redact
from triage.stages.rights import advise
from triage.stages.urgency import reweigh, weigh


def decided(found: Classification, case: TriageCase, redacted: RedactedTicket, tools: Tools) -> Classification:
    """What people set, in force; and the subcategory within the category that is."""
    chosen = category_in_force(found, case.labels, tools.company.taxonomy)
    if chosen.subcategory:
        return chosen
    return replace(chosen, subcategory=tools.subcategory(redacted.request, chosen.code))


def draw_consequences(
    local: RedactedTicket,
    redacted: RedactedTicket,
    tools: Tools,
    today: date,
    run: Progress,
    earlier: tuple[Deadline, ...] = (),
) -> None:
    """What follows from category and facts: clocks, rights, urgency; clocks that earlier messages started run on."""
    classification, facts, law = run.case.classification, run.case.facts, tools.law
    assert classification is not None
    with run.stage("deadline"):
        clocks = report_clocks(local, classification, facts, law.rules, law.clocks, law.regimes)
        run.found(deadlines=run.case.with_clocks(still_running(clocks.deadlines, earlier)).deadlines)
    with run.stage("rights"):
        tables = (law.rules, law.clocks, law.regimes, law.remedies)
        rights = advise(local, classification, facts, clocks, tables, tools.company.case_facts)
        run.found(rights=rights)
    with run.stage("urgency"):
        computed = weigh(redacted, classification, facts, run.case.deadlines, tools.company.urgency, today)
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
    progress.found(classification=decided(case.classification, case, redacted, tools))
    same = progress.case.classification is not None and progress.case.classification.code == case.classification.code
    draw_consequences(local, redacted, tools, today, progress, case.deadlines if same else ())
    with progress.stage("lint"):
        return replace(progress.case, findings=findings_of(progress.case, local, tools.company, today))


def on_another_day(ticket: Ticket, case: TriageCase, company: Company, today: date) -> TriageCase:
    """The case as it stands on a day: how urgent it is, the date of its letter, and what that must not say any more."""
    urgency = reweigh(case.urgency, case.deadlines, company.urgency, today) if case.urgency else None
    if case.state in CLOSED:
        return replace(case, urgency=urgency)
    dated = replace(case, urgency=urgency, draft=redated(case.draft, today) if case.draft else None)
    return replace(dated, findings=findings_of(dated, local_view(ticket), company, today))
