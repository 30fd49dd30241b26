"""What leaves and comes in beside cases: the change feed, webhooks, files, imports, the backlog; and their keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from triage.adapters.metrics import ServiceMetrics
from triage.adapters.outgoing import Allowed
from triage.adapters.outgoing.courier import WebhookCourier
from triage.adapters.storage.attachments import SqlAttachments
from triage.adapters.storage.backlog import SqlBacklog
from triage.adapters.storage.changes import SqlChangeFeed
from triage.adapters.storage.database import Database
from triage.adapters.storage.imports import SqlImports
from triage.adapters.storage.measurements import SqlMeasurements
from triage.adapters.storage.tombstones import stored_key
from triage.adapters.storage.webhooks import SqlWebhooks
from triage.config import Settings
from triage.operations import Dispatcher, SecretKey
from triage.ports import Clock


@dataclass(frozen=True, slots=True)
class Outbound:
    """Everything of migration 0007, wired together."""

    changes: SqlChangeFeed
    webhooks: SqlWebhooks
    attachments: SqlAttachments
    imports: SqlImports
    backlog: SqlBacklog
    courier: WebhookCourier
    key: SecretKey
    clock: Clock
    metrics: ServiceMetrics

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """Deliver webhooks on a thread of its own, for the length of a ``with`` block."""
        stopping = threading.Event()
        dispatcher = Dispatcher(self.webhooks, self.courier, self.key, self.clock)
        thread = threading.Thread(target=dispatcher.run, args=(stopping,), name="webhooks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(timeout=20)

    def forget_old(self) -> int:
        """Delete what is no longer kept: changes after a week, ended deliveries after 30 days; returns how many."""
        return self.changes.forget_old() + self.webhooks.forget_old()


def open_outbound(settings: Settings, database: Database, clock: Clock) -> Outbound:
    """Wire the stores over a database; the first time this makes the key of the webhooks' secrets."""
    given = settings.webhook_key
    key = given.get_secret_value().encode() if given else stored_key(settings.data_dir / "webhook.key")
    changes = SqlChangeFeed(database.sessions, clock)
    return Outbound(
        changes=changes,
        webhooks=SqlWebhooks(database.sessions, clock),
        attachments=SqlAttachments(database.sessions, clock),
        imports=SqlImports(database.sessions, clock),
        backlog=SqlBacklog(database.sessions, settings.max_waiting_of_tenant, settings.max_waiting),
        courier=WebhookCourier.over(Allowed(frozenset(settings.private_hosts))),
        key=SecretKey(key),
        clock=clock,
        metrics=ServiceMetrics(SqlMeasurements(database.sessions), changes.newest()),
    )
