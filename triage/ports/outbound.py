"""What telling other programs needs: the outbox of deliveries, and somebody who carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from triage.domain.outbound import DeliveryStatus, EndpointStatus, WebhookAttempt, WebhookDelivery, WebhookEndpoint


class DeliveryOutbox(Protocol):
    """Deliveries that wait, of all tenants; several dispatchers may take from it."""

    def take_due(
        self, now: datetime, *, limit: int, until: datetime
    ) -> Sequence[tuple[WebhookEndpoint, WebhookDelivery]]:
        """Take deliveries that are due, a few of each endpoint; nobody else gets them before ``until``."""

    def record(
        self, delivery: WebhookDelivery, attempt: WebhookAttempt, status: DeliveryStatus, next_at: datetime
    ) -> bool:
        """Write an attempt's outcome; ``False`` when somebody else has taken the delivery meanwhile."""

    def set_status(self, tenant: str, endpoint_id: str, status: EndpointStatus, *, actor: str) -> None:
        """Pause, resume or disable an endpoint."""


class Courier(Protocol):
    """Carries a message to a URL."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send once; returns the HTTP status.

        Raises:
            OutgoingError: there is no answer.
        """
