"""A body to a ticket the storage can take, for one tenant."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from api.problems import Problem
from api.strict_json import Json, parse_json
from triage.domain.ticket import Ticket
from triage.errors import InvalidTicket
from triage.stages.ingest import ticket_from_mail, ticket_from_record

JSON, MAIL = "application/json", "message/rfc822"
MAX_JSON_BYTES = 1024 * 1024
MAX_ID, MAX_FIELD, MAX_ORDER_FIELDS = 200, 2000, 100
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_UNADDRESSABLE_ID = re.compile(r"[\x00-\x1f\x7f]|(^|/)\.{0,2}(/|$)")
_NOT_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f,;<>]")


def ticket_from_body(media_type: str, body: bytes, *, tenant: str, now: datetime) -> Ticket:
    """Read a JSON record or a mail.

    Raises:
        Problem: 400 for a body that is not JSON, 413 for JSON over 1 MiB, 415 for another media type.
        InvalidTicket: the record cannot become a ticket.
        UnreadableMail: not a mail.
    """
    if media_type == MAIL:
        return storable(replace(ticket_from_mail(body, now=now), tenant=tenant))
    if media_type != JSON:
        raise Problem(415, "unsupported-media-type", f"Send {JSON} or {MAIL}.")
    if len(body) > MAX_JSON_BYTES:
        raise Problem(413, "body-too-large", f"A JSON record may have at most {MAX_JSON_BYTES:,} bytes.")
    return ticket_from_json(parse_json(body), tenant=tenant, now=now)


def ticket_from_json(record: Json, *, tenant: str, now: datetime) -> Ticket:
    """Build a ticket from a parsed JSON record.

    Raises:
        InvalidTicket: the record cannot become a ticket; says why.
    """
    if not isinstance(record, dict):
        raise InvalidTicket("A ticket must be a JSON object.")
    if len(str(record.get("id") or record.get("_id") or "")) > MAX_ID:
        raise InvalidTicket(f"Field 'id' may have at most {MAX_ID} characters: cut off, two tickets could become one.")
    return storable(ticket_from_record(cast(dict[str, object], record), now=now, tenant=tenant))


def storable(ticket: Ticket) -> Ticket:
    """Check what the database and URLs demand of a ticket, before a whole batch fails for one.

    Raises:
        InvalidTicket: says which field.
    """
    if not 1 <= len(ticket.id) <= MAX_ID or _UNADDRESSABLE_ID.search(ticket.id):
        raise InvalidTicket(
            "Field 'id' must have 1 to 200 characters, none of them a control character, and no empty part."
        )
    if not ticket.messages:
        raise InvalidTicket("A ticket needs a message.")
    twice = [message_id for message_id, count in Counter(m.id for m in ticket.messages).items() if count > 1]
    if twice or any(not message.id for message in ticket.messages):
        raise InvalidTicket("Every message needs an id of its own.")
    if not all(_EARLIEST <= moment <= _LATEST for moment in (ticket.received_at, *(m.at for m in ticket.messages))):
        raise InvalidTicket("Times must lie between 1990 and 2200.")
    if _NOT_AN_ADDRESS.search(ticket.requester.email) or len(ticket.requester.email) > 320:
        raise InvalidTicket("Field 'requester.email' must be one address.")
    texts = (ticket.subject, ticket.requester.name, ticket.external_id or "", *ticket.order, *ticket.order.values())
    if any(len(text) > MAX_FIELD for text in texts) or len(ticket.order) > MAX_ORDER_FIELDS:
        raise InvalidTicket(f"Subject, name, external id and order fields may have at most {MAX_FIELD} characters.")
    return ticket
