"""Signatures by the Standard Webhooks specification, with secrets that are derived and stored nowhere.

A receiver gets ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``: ``v1,`` and the base64 of
HMAC-SHA256 over ``id.timestamp.body``. An endpoint's secret is HMAC-SHA256 of its name under the service's own key, so
a copy of the database holds no secret, and rotating is counting on.

Source: Standard Webhooks 1.0, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.domain.outbound import WebhookEndpoint

OVERLAP = timedelta(hours=24)
"""How long the secret before the newest one still signs."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The service's own key, at least 32 random bytes, from which every endpoint's secret follows."""

    key: bytes = field(repr=False)

    def secret_of(self, endpoint: WebhookEndpoint, generation: int | None = None) -> str:
        """The text of an endpoint's secret, ``whsec_`` and base64 of 32 bytes; to be shown once."""
        return f"whsec_{base64.b64encode(self._raw(endpoint, generation or endpoint.generation)).decode()}"

    def headers(self, endpoint: WebhookEndpoint, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
        """The three headers of a message; within the overlap of a rotation both secrets sign."""
        stamp = str(int(now.timestamp()))
        generations = [endpoint.generation]
        if endpoint.generation > 1 and now < endpoint.rotated_at + OVERLAP:
            generations.append(endpoint.generation - 1)
        signed = f"{message_id}.{stamp}.".encode() + body
        signatures = [
            base64.b64encode(hmac.digest(self._raw(endpoint, generation), signed, hashlib.sha256)).decode()
            for generation in generations
        ]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        }

    def _raw(self, endpoint: WebhookEndpoint, generation: int) -> bytes:
        name = "\x1f".join(("webhook", endpoint.tenant, endpoint.id, str(generation)))
        return hmac.digest(self.key, name.encode(), hashlib.sha256)
