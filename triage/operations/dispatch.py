"""Carrying deliveries: take what is due, send it signed, write down what came of it, try again later.

At least once, by the specification: the receiver recognises a repetition by ``webhook-id``. A delivery is taken under a
lease and its outcome is fenced by the attempt's number, so a dispatcher that dies or sleeps costs one repetition.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

from triage.domain.outbound import DeliveryStatus, EndpointStatus, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from triage.errors import OutgoingError, StorageError
from triage.operations.signature import SecretKey
from triage.ports import Clock
from triage.ports.outbound import Courier, DeliveryOutbox

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than a courier's total time-out
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Between attempts, as the specification's example; after ten attempts over 75 hours a delivery is dead."""
JITTER = 0.2
AT_ONCE = 8
GONE = 410


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Delivers webhooks until told to stop; run one beside every worker, or as many as you like."""

    outbox: DeliveryOutbox
    courier: Courier
    key: SecretKey
    clock: Clock
    jitter: Callable[[], float] = lambda: random.uniform(-JITTER, JITTER)

    def run(self, stopping: Event, *, every_s: float = 1.0) -> None:
        """Deliver what is due, and look again every ``every_s`` seconds."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
            while not stopping.is_set():
                try:
                    delivered = self.deliver_due(pool)
                except StorageError:
                    logger.warning("database lost", extra={"action": "webhooks_wait_for_database"})
                    delivered = 0
                if not delivered:
                    stopping.wait(every_s)

    def deliver_due(self, pool: ThreadPoolExecutor | None = None) -> int:
        """Try every delivery that is due once; returns how many were tried."""
        now = self.clock.now()
        due = self.outbox.take_due(now, limit=AT_ONCE * 4, until=now + LEASE)
        for _ in (pool.map if pool else map)(lambda one: self._deliver(*one), due):
            pass
        return len(due)

    def _deliver(self, endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> None:
        now, started = self.clock.now(), time.perf_counter()
        body = message_of(delivery)
        headers = {"Content-Type": "application/json"} | self.key.headers(endpoint, delivery.id, now, body)
        status, error = None, ""
        try:
            status = self.courier.post(endpoint.url, headers, body)
        except OutgoingError as exc:
            error = type(exc).__name__
        duration_ms = round((time.perf_counter() - started) * 1000)
        self._record(endpoint, delivery, WebhookAttempt(delivery.attempts, now, duration_ms, status, error))

    def _record(self, endpoint: WebhookEndpoint, delivery: WebhookDelivery, attempt: WebhookAttempt) -> None:
        arrived = attempt.http_status is not None and 200 <= attempt.http_status < 300
        gone = attempt.http_status == GONE
        if arrived:
            status = DeliveryStatus.DELIVERED
        else:
            status = DeliveryStatus.DEAD if gone or attempt.number > len(WAITS) else DeliveryStatus.WAITING
        next_at = self._next(attempt) if status is DeliveryStatus.WAITING else attempt.at
        if not self.outbox.record(delivery, attempt, status, next_at):
            return
        if gone:
            self.outbox.set_status(endpoint.tenant, endpoint.id, EndpointStatus.DISABLED, actor="system")
        if status is DeliveryStatus.DEAD:
            extra = {"action": "webhook_dead", "endpoint": endpoint.id, "delivery": delivery.id}
            logger.error("webhook given up", extra=extra)

    def _next(self, attempt: WebhookAttempt) -> datetime:
        return attempt.at + WAITS[attempt.number - 1] * (1 + self.jitter())


def message_of(delivery: WebhookDelivery) -> bytes:
    """The message's body: the same bytes at every attempt, and no ticket text in them."""
    message = {
        "type": f"case.{delivery.state.value}",
        "timestamp": delivery.at.astimezone(UTC).isoformat(),
        "data": {"ticket_id": delivery.ticket_id, "state": delivery.state.value, "version": delivery.version},
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
