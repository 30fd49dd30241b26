"""Approved replies by HTTP: to a helpdesk, a mail gateway, or the twenty lines that stand before one.

``POST <url>`` carries one reply as JSON, with the approval's id as ``Idempotency-Key``::

    {"id": "apr_…", "tenant": "default", "ticket_id": "T1", "in_reply_to": "<…>", "channel": "email",
     "to": ["anna@example.com"], "subject": "…", "body": "…"}

and is answered 200, 201 or 202 with ``{"id": "apr_…", "reference": "…", "delivered_at": "2026-11-17T12:00:00Z"}``.
``GET <url>/apr_…`` gives the same answer for a reply that is there, and 404 for one that is not: the marker by which an
unclear outcome is read back. A receiver that honours the key makes even a repeated request harmless; this side does not
rely on it and never repeats one.

What an answer means. *Certainly not there, but perhaps later*: no connection (no such name, refused, no TLS), 429,
whose ``Retry-After`` is obeyed, and 401, which is about the token and no reply, so that none is lost over it. Each is
held against the tenant whose reply it was, so a server of several may answer for each of them.
*Certainly not there*: another plain refusal (4xx) of a request that was understood. *Unknown*: everything else, because
a server may do what it was asked and fail afterwards: 5xx (503 too, whatever it says of later: a proxy says it of a
server that had the request), a time-out, a connection that was cut, a redirect, 408, 409 and 425, and a success that
does not say which reply it is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

from triage.adapters.outgoing import Answer, OutgoingClient, OutgoingLimits, retry_after_s
from triage.domain.reply import ApprovedReply, Delivery
from triage.errors import (
    DeliveryDeferred,
    DeliveryRefused,
    DeliveryUnknown,
    OutgoingError,
    OutgoingInterrupted,
    OutgoingUnreachable,
)

LIMITS = OutgoingLimits(total_s=30.0, answer_bytes=64 * 1024)
_TAKEN = frozenset({200, 201, 202})
_UNCLEAR = frozenset({408, 409, 425})
_NOT_AUTHORISED, _NOT_FOUND, _TOO_MANY = 401, 404, 429


@dataclass(frozen=True, slots=True)
class HttpEndpoint:
    """Sends replies to ``url``.

    Attributes:
        token: sent as ``Authorization: Bearer``; empty: none.
    """

    url: str
    client: OutgoingClient
    token: str = field(default="", repr=False)

    @property
    def way(self) -> str:
        """The server, without the path, which may hold a secret."""
        address = urlsplit(self.url)
        return f"{address.scheme}://{address.netloc.rpartition('@')[2]}"

    def send(self, reply: ApprovedReply) -> Delivery:
        """Post the reply once.

        Raises:
            DeliveryDeferred: no connection, the token is not accepted, or the server asks for patience.
            DeliveryRefused: the URL may not be called, or the server understood the request and refused it.
            DeliveryUnknown: the request may have been carried out.
        """
        approval = reply.approval
        headers = self._headers() | {"Content-Type": "application/json", "Idempotency-Key": approval.id}
        try:
            answer = self.client.request("POST", self.url, headers, _message(reply))
        except OutgoingInterrupted as exc:
            raise DeliveryUnknown from exc
        except OutgoingUnreachable as exc:
            raise DeliveryDeferred(str(exc)) from exc
        except OutgoingError as exc:
            raise DeliveryRefused(f"The reply did not leave: {exc}") from exc
        if answer.status == _NOT_AUTHORISED:
            raise DeliveryDeferred("The helpdesk does not accept the token (401): mend TRIAGE_REPLY_TOKEN.")
        if answer.status == _TOO_MANY:
            raise DeliveryDeferred("The helpdesk takes no more at the moment (429).", retry_after_s(answer.headers))
        if 400 <= answer.status < 500 and answer.status not in _UNCLEAR:
            raise DeliveryRefused(f"The helpdesk refused the reply ({answer.status}): check TRIAGE_REPLY_URL.")
        return _delivery(answer, approval.id)

    def find_delivery(self, approval_id: str) -> Delivery | None:
        """Ask the server for the reply.

        Raises:
            DeliveryUnknown: it does not say.
        """
        try:
            answer = self.client.get(f"{self.url}/{quote(approval_id, safe='')}", self._headers())
        except OutgoingError as exc:
            raise DeliveryUnknown(f"The helpdesk cannot be asked: {exc}") from exc
        return None if answer.status == _NOT_FOUND else _delivery(answer, approval_id)

    def _headers(self) -> dict[str, str]:
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept": "application/json"} | authorization


def _message(reply: ApprovedReply) -> bytes:
    approval = reply.approval
    message = {
        "id": approval.id,
        "tenant": approval.tenant,
        "ticket_id": approval.case_id,
        "in_reply_to": reply.in_reply_to,
        "channel": approval.channel.value,
        "to": list(approval.recipients),
        "subject": reply.subject,
        "body": reply.body,
    }
    return json.dumps(message, ensure_ascii=False).encode("utf-8")


def _delivery(answer: Answer, approval_id: str) -> Delivery:
    """What the answer says about this reply; a login page with status 200 says nothing.

    Raises:
        DeliveryUnknown: it does not say that the reply is there.
    """
    if answer.status not in _TAKEN:
        raise DeliveryUnknown(f"The helpdesk answered {answer.status}: look there before sending again.")
    try:
        told = json.loads(answer.body)
        if not isinstance(told, Mapping) or told["id"] != approval_id:
            raise ValueError
        reference, delivered_at = str(told["reference"]), datetime.fromisoformat(told["delivered_at"])
        if not reference or delivered_at.tzinfo is None:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DeliveryUnknown("The helpdesk's answer is not about this reply: look there.") from None
    return Delivery(approval_id, reference[:200], delivered_at)
