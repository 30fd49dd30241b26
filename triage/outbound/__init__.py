"""Telling other programs what changed: signed webhooks from a persistent outbox."""

from triage.outbound.dispatch import Dispatcher
from triage.outbound.signature import SecretKey

__all__ = ["Dispatcher", "SecretKey"]
