"""Running the service: webhooks from a persistent outbox, dead letters taken up again."""

from triage.operations.dispatch import Dispatcher
from triage.operations.replay import replay
from triage.operations.signature import SecretKey

__all__ = ["Dispatcher", "SecretKey", "replay"]
