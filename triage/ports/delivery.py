"""What carries an approved reply to the customer."""

from __future__ import annotations

from typing import Protocol

from triage.domain.reply import ApprovedReply, Delivery


class ReplySender(Protocol):
    """Delivers an approved reply, at most once."""

    @property
    def way(self) -> str:
        """Which way out this is, for people and for the pauses of it: a server's address, no secret."""

    def send(self, reply: ApprovedReply) -> Delivery:
        """Deliver ``reply``.

        Raises:
            DeliveryRefused: certainly not delivered.
            DeliveryDeferred: certainly not delivered, and worth another try later.
            DeliveryUnknown: the outcome cannot be told.
        """

    def find_delivery(self, approval_id: str) -> Delivery | None:
        """Read back whether the reply of this approval left, for reconciling an unknown outcome.

        Raises:
            DeliveryUnknown: it cannot be told at the moment.
        """
