"""JSON records and plain text to tickets; lenient in the shape, strict in what it keeps.

Accepted: ``{"id", "subject", "text" | "body" | "description" | "messages": [...], "received_at", "channel",
"requester": {"name", "email"}, "order": {...}}``. Everything but a text is optional.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from triage.domain.ticket import Author, Channel, Message, Requester, Ticket
from triage.errors import InvalidTicket
from triage.stages.ingest.body import clean_text, newest_part

MAX_TEXT_CHARS = 2_000_000
MAX_MESSAGES = 1000
MAX_ID_CHARS = 200
_TEXT_FIELDS = ("text", "body", "description", "content", "message")
_AUTHORS = {
    **dict.fromkeys(("customer", "client", "requester", "user"), Author.CUSTOMER),
    **dict.fromkeys(("agent", "staff", "support"), Author.AGENT),
    "system": Author.SYSTEM,
}
_CHANNELS = {"form": Channel.WEB, "mail": Channel.EMAIL, "e-mail": Channel.EMAIL, "call": Channel.PHONE}


def ticket_from_text(text: str, *, now: datetime, ticket_id: str | None = None) -> Ticket:
    """A ticket of one message.

    Raises:
        InvalidTicket: the text is longer than 2,000,000 characters.
    """
    return ticket_from_record({"id": ticket_id or _digest_id(text), "text": text}, now=now)


def ticket_from_record(record: Mapping[str, object], *, now: datetime, tenant: str = "default") -> Ticket:
    """Build a ticket from a parsed JSON object.

    Raises:
        InvalidTicket: a field has the wrong type, a date cannot be read, or the text is too long; says which.
    """
    messages = _messages(record, _moment(record, "received_at", now))
    ticket_id = record.get("id") or record.get("_id") or _digest_id("\x1f".join(message.text for message in messages))
    if not isinstance(ticket_id, str | int):
        raise InvalidTicket("Field 'id' must be a string.")
    return Ticket(
        id=_ticket_id(str(ticket_id)),
        subject=clean_text(_string(record, "subject")),
        messages=messages,
        received_at=_moment(record, "received_at", min((message.at for message in messages), default=now)),
        channel=_channel(record),
        requester=_requester(record),
        tenant=tenant,
        revision=max(1, len(messages)),
        external_id=_string(record, "external_id") or None,
        order={key: str(value) for key, value in _mapping(record, "order").items() if value is not None},
    )


def _messages(record: Mapping[str, object], received_at: datetime) -> tuple[Message, ...]:
    listed = record.get("messages")
    if listed is None:
        text = next((_string(record, name) for name in _TEXT_FIELDS if record.get(name)), "")
        return (_message("m1", Author.CUSTOMER, received_at, text),)
    if not isinstance(listed, Sequence) or isinstance(listed, str) or len(listed) > MAX_MESSAGES:
        raise InvalidTicket(f"Field 'messages' must be a list of at most {MAX_MESSAGES} messages.")
    messages = tuple(_listed_message(item, number, received_at) for number, item in enumerate(listed, 1))
    if len({message.id for message in messages}) < len(messages):
        raise InvalidTicket("Every message needs an id of its own.")
    return messages


def _listed_message(item: object, number: int, received_at: datetime) -> Message:
    if not isinstance(item, Mapping):
        raise InvalidTicket(f"Message {number} must be an object with author, at and text.")
    author = _AUTHORS.get(_string(item, "author").lower() or "customer")
    if author is None:
        raise InvalidTicket(f"Message {number}: author must be customer, agent or system.")
    text = next((_string(item, name) for name in _TEXT_FIELDS if item.get(name)), "")
    return _message(str(item.get("id") or f"m{number}"), author, _moment(item, "at", received_at), text)


def _message(message_id: str, author: Author, at: datetime, text: str) -> Message:
    if len(text) > MAX_TEXT_CHARS:
        raise InvalidTicket(f"A message may hold at most {MAX_TEXT_CHARS:,} characters.")
    return Message(_id("messages.id", message_id), author, at, clean_text(text), newest_part(text))


def _id(field: str, value: str) -> str:
    """An id whole: cut off, two tickets or messages could become one."""
    cleaned = clean_text(value)
    if len(cleaned) > MAX_ID_CHARS:
        raise InvalidTicket(f"Field {field!r} may have at most {MAX_ID_CHARS} characters.")
    return cleaned


def _ticket_id(value: str) -> str:
    """An id that names no person: it stands in the audit log, which can never forget."""
    cleaned = _id("id", value)
    if "@" in cleaned:
        raise InvalidTicket("Field 'id' must not hold an e-mail address: give another id, or external_id.")
    return cleaned


def _string(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise InvalidTicket(f"Field {name!r} must be a string.")
    return str(value)


def _mapping(record: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = record.get(name) or {}
    if not isinstance(value, Mapping):
        raise InvalidTicket(f"Field {name!r} must be an object.")
    return value


def _moment(record: Mapping[str, object], name: str, default: datetime) -> datetime:
    value = _string(record, name)
    if not value:
        return default
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidTicket(f"Field {name!r} must be an ISO 8601 time, e.g. 2026-11-17T08:12:00+01:00.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _channel(record: Mapping[str, object]) -> Channel:
    value = _string(record, "channel") or Channel.API.value
    try:
        return _CHANNELS.get(value) or Channel(value)
    except ValueError:
        known = ", ".join(channel.value for channel in Channel)
        raise InvalidTicket(f"Unknown channel; use one of: {known}.") from None


def _requester(record: Mapping[str, object]) -> Requester:
    fields = _mapping(record, "requester")
    return Requester(clean_text(_string(fields, "name")), clean_text(_string(fields, "email")))


def _digest_id(text: str) -> str:
    return f"t-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"
