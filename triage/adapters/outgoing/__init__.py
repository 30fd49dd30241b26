"""Every request that leaves the service towards a URL somebody configured, received or typed goes through here."""

from triage.adapters.outgoing.addresses import Allowed, Resolve
from triage.adapters.outgoing.client import Answer, OutgoingClient, OutgoingLimits

__all__ = ["Allowed", "Answer", "OutgoingClient", "OutgoingLimits", "Resolve"]
