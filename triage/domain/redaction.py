"""Text without personal data, and the map that puts it back after approval."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from triage.domain.ticket import Author, Channel, Ticket

RedactedText = NewType("RedactedText", str)
"""Text past the ``redact`` stage; everything after it in the pipeline accepts only this."""


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """A piece of personal data: ``text == original[start:end]``, offsets in code points."""

    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RedactionMap:
    """Placeholder to original value; kept locally, never stored beside the redacted text of a model call."""

    originals: Mapping[str, str] = field(default_factory=dict)

    def restore(self, text: str) -> str:
        """Put the originals back in one pass; placeholders this map did not issue stay as they are."""
        if not any(placeholder in text for placeholder in self.originals):
            return text
        issued = re.compile("|".join(re.escape(one) for one in sorted(self.originals, key=len, reverse=True)))
        return issued.sub(lambda match: self.originals[match[0]], text)


@dataclass(frozen=True, slots=True)
class RedactedMessage:
    """A message without personal data; ``body`` as in :class:`triage.domain.ticket.Message`."""

    id: str
    author: Author
    at: datetime
    body: RedactedText


@dataclass(frozen=True, slots=True)
class RedactedTicket:
    """What every stage after ``redact`` works on.

    Attributes:
        request: subject and everything the requester wrote, newest last: what search and urgency read.
    """

    id: str
    subject: RedactedText
    messages: tuple[RedactedMessage, ...]
    received_at: datetime
    channel: Channel
    revision: int
    order: Mapping[str, str] = field(default_factory=dict)
    request: RedactedText = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = [self.subject, *(message.body for message in self.customer_messages)]
        object.__setattr__(self, "request", RedactedText("\n\n".join(part for part in parts if part.strip())))

    @property
    def customer_messages(self) -> tuple[RedactedMessage, ...]:
        """Messages written by the requester, oldest first."""
        return tuple(message for message in self.messages if message.author is Author.CUSTOMER)


def local_view(ticket: Ticket) -> RedactedTicket:
    """The ticket with its personal data, for deterministic checks inside this process only.

    Facts need true offsets, and a draft is checked against what the customer really wrote. Whatever may call a model
    gets the ``redact`` stage's ticket instead.
    """
    return RedactedTicket(
        id=ticket.id,
        subject=RedactedText(ticket.subject),
        messages=tuple(
            RedactedMessage(message.id, message.author, message.at, RedactedText(message.body))
            for message in ticket.messages
        ),
        received_at=ticket.received_at,
        channel=ticket.channel,
        revision=ticket.revision,
        order=ticket.order,
    )
