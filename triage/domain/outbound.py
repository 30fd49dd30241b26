"""What leaves towards other programs: changes of cases, the endpoints that want to hear of them, and deliveries.

None of it carries ticket text: a receiver gets ids, state and version, and reads the case through the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.case import CaseState


@dataclass(frozen=True, slots=True)
class ChangePosition:
    """Where a change stands in the order of all changes: the transaction that made it, and its place therein."""

    xact: int
    position: int

    def __str__(self) -> str:
        return f"{self.xact}-{self.position}"

    @classmethod
    def parse(cls, text: str) -> ChangePosition | None:
        """Read a position back; ``None`` when it is none.

        >>> ChangePosition.parse(str(ChangePosition(7, 12)))
        ChangePosition(xact=7, position=12)
        >>> ChangePosition.parse("7") is None
        True
        """
        xact, _, position = text.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (xact, position)):
            return None
        return cls(int(xact), int(position))


START = ChangePosition(0, 0)


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A stored version of a case; ``measures`` are numbers and model scores of a triage, where it was one."""

    at_position: ChangePosition
    tenant: str
    ticket_id: str
    state: CaseState
    version: int
    at: datetime
    measures: Mapping[str, object] | None = None


class EndpointStatus(StrEnum):
    """Whether an endpoint gets deliveries: a paused one later, a disabled one (it answered 410 Gone) none."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A receiver of changes.

    Attributes:
        states: states it wants to hear of; empty: all.
        generation: counts its secrets; the one before signs too for a day after ``rotated_at``.
    """

    tenant: str
    id: str
    url: str
    description: str
    states: frozenset[CaseState]
    status: EndpointStatus
    generation: int
    rotated_at: datetime
    created_at: datetime


class DeliveryStatus(StrEnum):
    """Where a delivery stands; a dead one waits for a person to replay it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """A change on its way to an endpoint; ``id`` stays the same over all attempts and replays."""

    tenant: str
    id: str
    endpoint_id: str
    ticket_id: str
    state: CaseState
    version: int
    at: datetime
    status: DeliveryStatus
    attempts: int
    next_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """One try at a delivery: what the receiver answered, or why there is no answer."""

    number: int
    at: datetime
    duration_ms: int
    http_status: int | None
    error: str = ""
