"""Every request that leaves the service towards a URL somebody configured, received or typed goes through here."""

from triage.adapters.outgoing.addresses import Allowed, Resolve
from triage.adapters.outgoing.client import REDIRECTS, Answer, OutgoingClient, OutgoingLimits
from triage.adapters.outgoing.retry_after import retry_after_s

__all__ = ["REDIRECTS", "Allowed", "Answer", "OutgoingClient", "OutgoingLimits", "Resolve", "retry_after_s"]
