"""Carries webhook messages: 15 seconds in all, and of the answer only the status is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.adapters.outgoing.addresses import Allowed
from triage.adapters.outgoing.client import OutgoingClient, OutgoingLimits

LIMITS = OutgoingLimits(total_s=15.0, answer_bytes=64 * 1024)


@dataclass(frozen=True, slots=True)
class WebhookCourier:
    """Posts to endpoints that :class:`Allowed` lets it call."""

    client: OutgoingClient

    @classmethod
    def over(cls, allowed: Allowed) -> WebhookCourier:
        """A courier that calls only what ``allowed`` lets it."""
        return cls(OutgoingClient(allowed, LIMITS))

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send once; returns the HTTP status, a redirect's too.

        Raises:
            OutgoingError: there is no answer.
        """
        return self.client.request("POST", url, headers, body).status

    def check(self, url: str) -> None:
        """Whether the URL's form may be called at all.

        Raises:
            OutgoingRefused: it may not.
        """
        self.client.allowed.target(url)
