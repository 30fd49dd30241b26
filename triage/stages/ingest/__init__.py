"""Ingest: whatever came in (JSON record, mail, plain text) becomes a :class:`~triage.domain.ticket.Ticket`."""

from triage.stages.ingest.body import clean_text, newest_part
from triage.stages.ingest.mail import ticket_from_mail
from triage.stages.ingest.record import ticket_from_record, ticket_from_text

__all__ = ["clean_text", "newest_part", "ticket_from_mail", "ticket_from_record", "ticket_from_text"]
