"""What was sent becomes part of what was said: the next triage, the history and an export read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from triage.calendars.counting import local_day
from triage.domain.case import TriageCase
from triage.domain.reply import Approval
from triage.domain.ticket import Author, Message
from triage.ports import UnitOfWork
from triage.stages.ingest import newest_part


def keep_what_was_sent(
    uow: UnitOfWork, case: TriageCase, approval: Approval, delivered_at: datetime, now: datetime
) -> TriageCase:
    """Add a reply that left to its ticket's messages, under its approval's id; said twice, it is there once.

    Args:
        delivered_at: by the other side's clock; what lies before the approval or after ``now`` is not believed.

    Returns:
        The case, whose clocks stop that the reply keeps, and which has read this message; one that is behind a
        customer's message stays behind.
    """
    ticket, draft = uow.tickets.get(case.ticket_id, for_update=True), case.draft
    at = min(max(delivered_at, approval.approved_at), now)
    case = case.replied(local_day(at))
    if draft is None or draft.digest != approval.draft_digest or ticket.has_message(approval.id):
        return case
    sent = Message(approval.id, Author.AGENT, at, text=draft.body, body=newest_part(draft.body))
    told = ticket.with_message(sent)
    uow.tickets.save(told)
    return case if ticket.revision > case.ticket_revision else replace(case, ticket_revision=told.revision)
