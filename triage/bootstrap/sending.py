"""What carries approved replies: the outbox, or the server that the settings name."""

from __future__ import annotations

from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.helpdesk.http_endpoint import LIMITS, HttpEndpoint
from triage.adapters.outgoing import Allowed, OutgoingClient
from triage.config import Settings
from triage.domain.company import Company
from triage.errors import ConfigurationError, OutgoingRefused
from triage.ports import Clock, ReplySender


def reply_sender(settings: Settings, company: Company, clock: Clock) -> ReplySender:
    """The sender that the settings name.

    Raises:
        ConfigurationError: its URL may not be called.
    """
    if settings.reply_url is None:
        address = settings.sender_address or company.identity["email"]
        return FileOutbox(settings.outbox, company.name, address, clock.now)
    return http_sender(settings, settings.reply_url)


def http_sender(settings: Settings, url: str) -> HttpEndpoint:
    """The sender by HTTP.

    Raises:
        ConfigurationError: its URL may not be called.
    """
    allowed = Allowed(settings.private_hosts)
    try:
        allowed.target(url)
    except OutgoingRefused as exc:
        raise ConfigurationError([f"TRIAGE_REPLY_URL: {exc}"]) from None
    return HttpEndpoint(url.rstrip("/"), OutgoingClient(allowed, LIMITS), settings.reply_token.get_secret_value())
