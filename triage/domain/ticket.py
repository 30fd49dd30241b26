"""Tickets: what a requester wrote to the desk, message by message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from triage.errors import InvalidTicket

OWN_REPLY: Final = "apr_"
"""Begins the id of a reply this service sent, which is its approval's."""


_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+")


class Channel(StrEnum):
    """Where the ticket came in; it decides where a reply goes out."""

    EMAIL = "email"
    WEB = "web"
    CHAT = "chat"
    PHONE = "phone"
    MARKETPLACE = "marketplace"
    HELPDESK = "helpdesk"
    API = "api"


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Requester:
    """The person or firm who asks; an address is needed before a reply can be sent."""

    name: str = ""
    email: str = ""

    @property
    def has_address(self) -> bool:
        """Whether the address can be one; whether it is somebody's, nobody knows before a reply was sent.

        >>> Requester(email="anna@example.com").has_address, Requester(email="anna, example.com").has_address
        (True, False)
        """
        return _ADDRESS.fullmatch(self.email) is not None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; only its description enters the core."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the contact history.

    Attributes:
        text: what was received, as plain text, with quoted history.
        body: the part this author wrote now: no quoted history, signature or disclaimer.
        at: when it became available to the reader (aware; KC art. 61).
    """

    id: str
    author: Author
    at: datetime
    text: str
    body: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.at, "message.at")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A requester's matter with all its messages, oldest first.

    Attributes:
        revision: grows by one with every message; an approval is bound to it.
        order: what the shop knows and passed along (``order_no``, ``delivered_on`` …), strings only.
        external_id: the helpdesk's own id, where the ticket was mirrored from one.
    """

    id: str
    subject: str
    messages: tuple[Message, ...]
    received_at: datetime
    channel: Channel = Channel.API
    requester: Requester = Requester()
    tenant: str = "default"
    revision: int = 1
    external_id: str | None = None
    order: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_aware(self.received_at, "ticket.received_at")
        if not self.id:
            raise InvalidTicket("A ticket needs an id.")

    @property
    def customer_messages(self) -> tuple[Message, ...]:
        """Messages written by the requester, oldest first."""
        return tuple(message for message in self.messages if message.author is Author.CUSTOMER)

    @property
    def latest_customer_message(self) -> Message | None:
        """The newest message of the requester, if there is one."""
        return self.customer_messages[-1] if self.customer_messages else None

    def has_message(self, message_id: str) -> bool:
        """Whether a message with this id is there."""
        return any(known.id == message_id for known in self.messages)

    def holds(self, message: Message) -> bool:
        """Whether a message is there already, or is a reply of this service that a helpdesk tells it back."""
        return self.has_message(message.id) or any(_tells_back(message, known) for known in self.messages)

    def with_message(self, message: Message) -> Ticket:
        """Return the ticket's next revision, with ``message`` appended."""
        return replace(self, messages=(*self.messages, message), revision=self.revision + 1)


def _tells_back(message: Message, known: Message) -> bool:
    ours = known.id.startswith(OWN_REPLY) and message.author is known.author is Author.AGENT
    return ours and message.body.split() == known.body.split()


def require_aware(moment: datetime, name: str) -> None:
    """Refuse naive datetimes: statutory days are counted in Europe/Warsaw, so the zone must be known."""
    if moment.tzinfo is None:
        raise InvalidTicket(f"{name} needs a time zone, e.g. 2026-11-17T08:12:00+01:00.")
