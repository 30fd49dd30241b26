"""What comes in is stored with its case and the job that triages it, in one transaction.

A ticket that was acknowledged has a job, and a job has its ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.casework.incoming import Incoming
from triage.domain.case import CaseState, TriageCase, may_become
from triage.domain.ticket import Message, Ticket
from triage.errors import SubjectErased
from triage.ports import Clock, UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes in tickets and messages.

    Attributes:
        is_urgent: whether a ticket's triage goes before that of others, told without a model.
    """

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    is_urgent: Callable[[Ticket], bool]
    _incoming: Incoming = field(default_factory=Incoming, init=False, repr=False, compare=False)

    def receive(self, ticket: Ticket) -> bool:
        """Store a new ticket and enqueue its triage; returns when both are durable.

        Returns:
            ``False`` when a ticket with this id is already there; nothing changes then.

        Raises:
            SubjectErased: it is an old matter of a person who was erased.
        """
        return self.submit(ticket).result()

    def submit(self, ticket: Ticket, admit: Callable[[str], None] = lambda tenant: None) -> Future[bool]:
        """Let a ticket be received, as :meth:`receive` does, without waiting for it.

        Tickets that come in while a transaction is being committed share the next one.

        Args:
            admit: raises ``Overloaded`` when a tenant has too much waiting already.
        """

        def store_all(tickets: Sequence[Ticket]) -> frozenset[str]:
            admit(tickets[0].tenant)
            return self._receive_all(tickets)

        return self._incoming.add(ticket, store_all)

    def receive_all(self, tickets: Sequence[Ticket]) -> int:
        """Store many tickets of one tenant in one transaction, but none of erased people; returns how many were new."""
        return len(self._receive_all(tickets, leave_out_erased=True))

    def _receive_all(self, tickets: Sequence[Ticket], leave_out_erased: bool = False) -> frozenset[str]:
        if not tickets:
            return frozenset()
        first: dict[str, Ticket] = {}
        for ticket in tickets:  # of two with one id, the earlier is the ticket; jobs wait in the order of arrival
            first.setdefault(ticket.id, ticket)
        now, urgent = self.clock.now(), {ticket.id for ticket in first.values() if self.is_urgent(ticket)}
        with self.unit_of_work(tickets[0].tenant) as uow:
            erased = uow.tombstones.covering(tuple(first.values()))
            if erased and not leave_out_erased:
                raise SubjectErased()
            first = {ticket_id: ticket for ticket_id, ticket in first.items() if ticket_id not in erased}
            added = uow.tickets.add_all(tuple(first.values()))
            new = [ticket for ticket in first.values() if ticket.id in added]
            uow.cases.add_all([_opened(ticket, now) for ticket in new])
            uow.jobs.triage_all([(ticket, ticket.id in urgent) for ticket in new])
            uow.commit()
        return added

    def add_message(self, tenant: str, ticket_id: str, message: Message) -> Ticket:
        """Append a message; a standing draft or approval is void, because nobody read this message yet.

        Returns:
            The ticket with the message; unchanged when it is already there, or is a reply of this service told back.

        Raises:
            TicketNotFound: no such ticket in this tenant.
            SubjectErased: the message is older than the erasure of the person whose matter this is.
        """
        with self.unit_of_work(tenant) as uow:
            ticket = uow.tickets.get(ticket_id, for_update=True)
            if ticket.holds(message):
                return ticket
            if uow.tombstones.covers_message(ticket_id, message.at):
                raise SubjectErased()
            ticket = ticket.with_message(message)
            uow.tickets.save(ticket)
            self._reopen(uow, ticket)
            uow.jobs.triage(ticket, urgent=self.is_urgent(ticket))
            uow.commit()
        return ticket

    def _reopen(self, uow: UnitOfWork, ticket: Ticket) -> None:
        case = uow.cases.get(ticket.id, for_update=True)
        void_granted(uow, ticket.id)
        if may_become(case.state, CaseState.RECEIVED):
            woken = replace(case.become(CaseState.RECEIVED, self.clock.now()), snoozed_until=None)
            uow.cases.save(woken, expected_version=case.version)


def void_granted(uow: UnitOfWork, case_id: str) -> None:
    """Take back an approval whose reply has not left: nobody read what the case is about to become."""
    for record in uow.approvals.of_case(case_id):
        if record.state == "granted":
            uow.approvals.mark(record.approval.id, "void")


def _opened(ticket: Ticket, now: datetime) -> TriageCase:
    return TriageCase(ticket.id, ticket.tenant, CaseState.RECEIVED, 1, ticket.revision, now)
