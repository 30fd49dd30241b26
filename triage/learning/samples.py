"""Which tickets people should look at: those a model would learn most from, and those that tell how good it is.

The first are the ones it was least sure of (margin sampling). They say nothing about its errors, because they were
picked for being hard. For that a sample is drawn by chance and labelled without the suggestion in sight, so that
automation does not grade itself.

Source: Scheffer et al. 2001, "Active Hidden Markov Models for Information Extraction" (margin sampling).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.access import Queues
from triage.domain.company import Taxonomy
from triage.domain.learning import Reading
from triage.domain.ticket import Author, Ticket
from triage.errors import InvalidLabel
from triage.ports import Clock, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class BlindTicket:
    """A ticket to be labelled: what the requester wrote when it was filed, and nothing of what a machine said."""

    id: str
    subject: str
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Samples:
    """Tickets picked for people to label."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    taxonomy: Taxonomy

    def most_informative(self, tenant: str, limit: int, queues: Queues = None) -> tuple[Reading, ...]:
        """What the model in force was least sure of, among tickets whose category no person gave."""
        with self.unit_of_work(tenant) as uow:
            return uow.predictions.most_informative(limit, queues)

    def draw(self, tenant: str, size: int, *, days: int, actor: str) -> int:
        """Draw tickets of the last days by chance; returns how many there were to draw."""
        now = self.clock.now()
        with self.unit_of_work(tenant) as uow:
            drawn = uow.blind_sample.draw(size, now - timedelta(days=days), actor=actor, at=now)
            detail = {"drawn": str(drawn), "days": str(days)}
            uow.audit.append(actor=actor, action="sample_drawn", subject="blind sample", detail=detail)
            uow.commit()
        return drawn

    def waiting(self, tenant: str, limit: int, queues: Queues = None) -> tuple[BlindTicket, ...]:
        """Drawn tickets that nobody labelled yet."""
        with self.unit_of_work(tenant) as uow:
            return tuple(_blind(uow.tickets.get(ticket_id)) for ticket_id in uow.blind_sample.waiting(limit, queues))

    def label(self, tenant: str, ticket_id: str, category: str, *, actor: str) -> None:
        """Keep the category a person gave a drawn ticket; the case itself stays as it is.

        Raises:
            InvalidLabel: no such category.
            NotFound: the ticket is not in the sample.
            AlreadyDecided: somebody labelled it before.
        """
        if category not in self.taxonomy:
            raise InvalidLabel(f"There is no category {category!r}; there are {', '.join(self.taxonomy.codes)}.")
        with self.unit_of_work(tenant) as uow:
            uow.blind_sample.label(ticket_id, category, actor=actor, at=self.clock.now())
            uow.audit.append(actor=actor, action="labelled_blind", subject=ticket_id, detail={"category": category})
            uow.commit()


def _blind(ticket: Ticket) -> BlindTicket:
    first = next((message for message in ticket.messages if message.author is Author.CUSTOMER), None)
    return BlindTicket(ticket.id, ticket.subject, first.body if first else "", ticket.received_at)
