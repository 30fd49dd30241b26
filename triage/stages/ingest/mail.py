"""Mail (RFC 5322, MIME) to ticket: HTML becomes text, attachments are described but never opened here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses, parsedate_to_datetime

from triage.domain.ticket import Attachment, Author, Channel, Message, Requester, Ticket
from triage.errors import UnreadableMail
from triage.stages.ingest.body import clean_text, newest_part
from triage.stages.ingest.markup import html_to_text


def ticket_from_mail(raw: bytes, *, now: datetime) -> Ticket:
    """Parse one mail.

    The ticket id is the Message-ID's digest, so the same mail read twice is the same ticket.

    Raises:
        UnreadableMail: not a mail, or one without any text or attachment.
    """
    parsed = message_from_bytes(raw, policy=policy.default)
    if not isinstance(parsed, EmailMessage) or not parsed.keys():
        raise UnreadableMail()
    text = _text(parsed)
    attachments = tuple(_attachments(parsed))
    if not text.strip() and not attachments:
        raise UnreadableMail("The mail has neither text nor attachments.")
    at = _date(parsed) or now
    digest = hashlib.sha256(_header(parsed, "message-id").encode() or raw).hexdigest()[:16]
    message = Message(f"m-{digest}", Author.CUSTOMER, at, clean_text(text), newest_part(text), attachments)
    return Ticket(
        id=f"mail-{digest}",
        subject=clean_text(_header(parsed, "subject")),
        messages=(message,),
        received_at=at,
        channel=Channel.EMAIL,
        requester=_requester(parsed),
        external_id=_header(parsed, "message-id") or None,
    )


def _text(mail: EmailMessage) -> str:
    for kind in ("plain", "html"):
        part = mail.get_body(preferencelist=(kind,))
        if part is None:
            continue
        content = _content(part)
        text = html_to_text(content) if part.get_content_subtype() == "html" else content
        if text.strip():
            return "\n\n".join([text, *_forwarded(mail)])
    return "\n\n".join(_forwarded(mail))


def _forwarded(mail: EmailMessage) -> list[str]:
    """Texts of mails attached as message/rfc822: the matter itself when somebody passes a complaint on."""
    inner = (part.get_content() for part in mail.iter_attachments() if part.get_content_type() == "message/rfc822")
    return [_text(message) for message in inner if isinstance(message, EmailMessage)]


def _content(part: MIMEPart) -> str:
    try:
        content = part.get_content()
    except (LookupError, UnicodeError, AssertionError, KeyError):  # unknown or lying charset
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
    return content if isinstance(content, str) else str(content)


def _attachments(mail: EmailMessage) -> list[Attachment]:
    found = []
    for part in mail.iter_attachments():
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        name = clean_text(part.get_filename() or "unnamed").replace("/", "_").replace("\\", "_")
        found.append(Attachment(name, part.get_content_type(), len(data), hashlib.sha256(data).hexdigest()))
    return found


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except (ValueError, IndexError, TypeError, AttributeError):  # the email package raises on some malformed headers
        return ""


def _requester(mail: EmailMessage) -> Requester:
    """Reply-To is text the sender chose: replies go to From only."""
    addresses = getaddresses([_header(mail, "from")])
    name, address = addresses[0] if addresses else ("", "")
    return Requester(clean_text(name), address if "@" in address else "")


def _date(mail: EmailMessage) -> datetime | None:
    """The newest Received stamp is when the mail was available (KC art. 61); else the Date header."""
    for stamp in (_header(mail, "received").rpartition(";")[2], _header(mail, "date")):
        try:
            parsed = parsedate_to_datetime(stamp.strip())
        except (TypeError, ValueError, IndexError):
            continue
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return None
