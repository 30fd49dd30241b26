"""Casework: a ticket comes in, is triaged, gets another message. Each step is one unit of work.

Intake stores the ticket, its case and the job that triages it in one transaction, so a ticket that was acknowledged has
a job, and a job has its ticket. Triage reads in one transaction, computes in none, and writes in another that is fenced
by the ticket's revision and the case's version: a worker that was overtaken writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.domain.automation import filled_in, readings_of
from triage.domain.case import CaseState, StageFailure, TriageCase, may_become
from triage.domain.safety import SafetyEntry
from triage.domain.ticket import Message, Ticket
from triage.errors import StaleVersion, SubjectErased
from triage.incoming import Incoming
from triage.ports import Clock, UnitOfWork, UnitOfWorkFactory

Run = Callable[[Ticket, TriageCase], TriageCase]
"""The pipeline with its tools bound."""
RunAll = Callable[[Sequence[tuple[Ticket, TriageCase]]], Sequence[TriageCase]]
"""The pipeline for several tickets of one tenant; the next versions of their cases, in order."""


@dataclass(frozen=True, slots=True)
class Casework:
    """Everything that happens to a case before a person decides.

    Attributes:
        danger: the entry a case needs in the register of complaints about dangerous products, if any.
        run_all: the pipeline for several tickets, where that costs less than ``run`` for each.
    """

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    run: Run
    is_urgent: Callable[[Ticket], bool]
    danger: Callable[[Ticket, TriageCase], SafetyEntry | None] = lambda ticket, case: None
    run_all: RunAll | None = None
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
            The ticket with the message; unchanged when a message with this id is already there.

        Raises:
            TicketNotFound: no such ticket in this tenant.
            SubjectErased: the message is older than the erasure of the person whose matter this is.
        """
        with self.unit_of_work(tenant) as uow:
            ticket = uow.tickets.get(ticket_id, for_update=True)
            if any(known.id == message.id for known in ticket.messages):
                return ticket
            if uow.tombstones.covers_message(ticket_id, message.at):
                raise SubjectErased()
            ticket = ticket.with_message(message)
            uow.tickets.save(ticket)
            self._reopen(uow, ticket)
            uow.jobs.triage(ticket, urgent=self.is_urgent(ticket))
            uow.commit()
        return ticket

    def triage(self, tenant: str, ticket_id: str) -> TriageCase | None:
        """Triage the newest revision of a ticket; doing it again changes nothing.

        Returns:
            The triaged case, or ``None`` when there was nothing to do or a newer revision overtook this one.
        """
        with self.unit_of_work(tenant) as uow:
            ticket, case, levels = uow.tickets.get(ticket_id), uow.cases.get(ticket_id), uow.automation.levels()
        if not _is_due(ticket, case):
            return None
        now = self.clock.now()
        triaged = filled_in(self.run(ticket, case), levels, now)
        with self.unit_of_work(tenant) as uow:
            try:
                # a newer message that this run has not read has raised the case's version too
                uow.cases.save(triaged, expected_version=case.version)
            except StaleVersion:
                return None
            uow.predictions.add(readings_of(triaged, now))
            uow.audit.append(actor="system", action="triaged", subject=ticket_id, detail=_provenance(triaged))
            self._register_danger(uow, ticket, triaged, now)
            uow.commit()
        return triaged

    def triage_all(self, tenant: str, ticket_ids: Sequence[str]) -> frozenset[str]:
        """Triage several tickets, each as :meth:`triage` does, in its two transactions for all of them.

        Returns:
            Ids of those that need no more work; the others are not there.
        """
        with self.unit_of_work(tenant) as uow:
            tickets, cases = uow.tickets.get_all(ticket_ids), uow.cases.get_all(ticket_ids)
            levels = uow.automation.levels()
        there = [ticket_id for ticket_id in ticket_ids if ticket_id in tickets and ticket_id in cases]
        due = [(tickets[one], cases[one]) for one in there if _is_due(tickets[one], cases[one])]
        ran = self.run_all(due) if self.run_all else [self.run(ticket, case) for ticket, case in due]
        now = self.clock.now()
        triaged = [(filled_in(done, levels, now), case.version) for done, (_, case) in zip(ran, due, strict=True)]
        if triaged:
            with self.unit_of_work(tenant) as uow:
                self._store_triaged(uow, tickets, triaged)
                uow.commit()
        return frozenset(there)

    def _store_triaged(
        self, uow: UnitOfWork, tickets: Mapping[str, Ticket], triaged: Sequence[tuple[TriageCase, int]]
    ) -> None:
        now, stored = self.clock.now(), uow.cases.save_all(triaged)
        mine = {case.ticket_id: case for case, _ in triaged if case.ticket_id in stored}
        uow.predictions.add([reading for case in mine.values() for reading in readings_of(case, now)])
        provenance = {ticket_id: _provenance(case) for ticket_id, case in mine.items()}
        uow.audit.append_all(actor="system", action="triaged", details=provenance)
        for ticket_id, case in mine.items():
            self._register_danger(uow, tickets[ticket_id], case, now)

    def retriage(self, tenant: str, case_id: str, *, actor: str, version_read: int) -> TriageCase:
        """Triage again because a person asks: the draft is replaced, an approval not yet used is void.

        Raises:
            CaseNotFound: no such case in this tenant.
            StaleVersion: the case has changed since it was read.
            IllegalTransition: the reply is on its way, or nobody knows whether it left.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
            if case.version != version_read:
                raise StaleVersion()
            reopened = case.become(CaseState.RECEIVED, self.clock.now())
            uow.cases.save(reopened, expected_version=case.version)
            _void_granted(uow, case_id)
            uow.jobs.triage(ticket)
            uow.audit.append(actor=actor, action="retriage", subject=case_id, detail={"version": str(reopened.version)})
            uow.commit()
        return reopened

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        """Hand the ticket to a person: its triage failed too often to be tried again."""
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(ticket_id, for_update=True), uow.tickets.get(ticket_id)
            if not _is_due(ticket, case):
                return
            now = self.clock.now()
            received = case if case.state is CaseState.RECEIVED else case.become(CaseState.RECEIVED, now)
            handed = replace(
                received.become(CaseState.NEEDS_ATTENTION, now),
                version=case.version + 1,
                ticket_revision=ticket.revision,
                failure=StageFailure("worker", reason),
            )
            uow.cases.save(handed, expected_version=case.version)
            uow.audit.append(actor="system", action="needs_attention", subject=ticket_id, detail={"why": reason})
            uow.commit()

    def _register_danger(self, uow: UnitOfWork, ticket: Ticket, case: TriageCase, now: datetime) -> None:
        """Register a dangerous product with the case that reports it, once for what it says (GPSR art. 9(11))."""
        entry = self.danger(ticket, case)
        position = uow.safety.add(entry, now) if entry else None
        if entry is not None and position is not None:
            detail = {
                "position": str(position),
                "digest": entry.digest.hex(),
                "events": ", ".join(entry.events),
            }
            uow.audit.append(actor="system", action="safety_registered", subject=ticket.id, detail=detail)

    def _reopen(self, uow: UnitOfWork, ticket: Ticket) -> None:
        case = uow.cases.get(ticket.id, for_update=True)
        _void_granted(uow, ticket.id)
        if may_become(case.state, CaseState.RECEIVED):
            woken = replace(case.become(CaseState.RECEIVED, self.clock.now()), snoozed_until=None)
            uow.cases.save(woken, expected_version=case.version)


def _void_granted(uow: UnitOfWork, case_id: str) -> None:
    """Take back an approval whose reply has not left: nobody read what the case is about to become."""
    for record in uow.approvals.of_case(case_id):
        if record.state == "granted":
            uow.approvals.mark(record.approval.id, "void")


def _opened(ticket: Ticket, now: datetime) -> TriageCase:
    return TriageCase(ticket.id, ticket.tenant, CaseState.RECEIVED, 1, ticket.revision, now)


def _is_due(ticket: Ticket, case: TriageCase) -> bool:
    return case.state is CaseState.RECEIVED or (
        ticket.revision > case.ticket_revision and may_become(case.state, CaseState.RECEIVED)
    )


def _provenance(case: TriageCase) -> dict[str, str]:
    """What the register of AI use keeps of this step: ids, versions and digests, never text."""
    return {
        "version": str(case.version),
        "state": case.state.value,
        "classifier": case.provenance.classifier,
        "encoder": case.provenance.encoder,
        "index": case.provenance.index_generation,
        "rules": case.provenance.rule_table,
        "composer": case.provenance.composer,
        "summariser": case.provenance.summariser,
        "category": case.classification.code if case.classification else "",
        "probability": f"{case.classification.probability:.4f}" if case.classification else "",
        "abstained": (case.classification.abstain_reason or "") if case.classification else "",
        "level": case.urgency.level.value if case.urgency else "",
        "kind": case.draft.kind if case.draft else "",
        "draft": case.draft.digest if case.draft else "",
        "prompt": case.draft.prompt if case.draft else "",
        "failed_stage": case.failure.stage if case.failure else "",
    }
