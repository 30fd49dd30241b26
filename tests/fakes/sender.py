"""A helpdesk that keeps a ledger of what reached it, and fails the way it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from triage.domain.reply import ApprovedReply, Delivery
from triage.errors import DeliveryDeferred, DeliveryRefused, DeliveryUnknown


class Weather(StrEnum):
    FAIR = "fair"
    REFUSES = "refuses"  # certainly not delivered
    BUSY = "busy"  # certainly not delivered, perhaps later
    LOST = "lost"  # not delivered, and the caller cannot tell
    ANSWER_LOST = "answer_lost"  # delivered, and the caller cannot tell


@dataclass
class FakeSender:
    """``ledger`` is what customers got, in order; it is the oracle, the product never reads it."""

    weather: Weather = Weather.FAIR
    ledger: list[ApprovedReply] = field(default_factory=list)
    at: datetime = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
    asked_s: float = 0.0
    way: str = "fake"

    def send(self, reply: ApprovedReply) -> Delivery:
        if self.weather is Weather.REFUSES:
            raise DeliveryRefused
        if self.weather is Weather.BUSY:
            raise DeliveryDeferred("Busy.", self.asked_s)
        known = self.find_delivery(reply.approval.id)
        if known is not None:
            return known
        if self.weather is not Weather.LOST:
            self.ledger.append(reply)
        if self.weather in (Weather.LOST, Weather.ANSWER_LOST):
            raise DeliveryUnknown
        return self._delivery(reply.approval.id)

    def find_delivery(self, approval_id: str) -> Delivery | None:
        held = any(reply.approval.id == approval_id for reply in self.ledger)
        return self._delivery(approval_id) if held else None

    def _delivery(self, approval_id: str) -> Delivery:
        return Delivery(approval_id, f"{approval_id}.eml", self.at)
