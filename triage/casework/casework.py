"""Triage of what is due: alone, together, again, and given up.

It reads in one transaction, computes in none, and writes in another that is fenced by the ticket's revision and the
case's version: a worker that was overtaken writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.casework.intake import Intake, void_granted
from triage.domain.automation import filled_in, readings_of
from triage.domain.case import CaseState, StageFailure, TriageCase, may_become
from triage.domain.safety import SafetyEntry
from triage.domain.ticket import Ticket
from triage.errors import StaleVersion
from triage.ports import UnitOfWork

Run = Callable[[Ticket, TriageCase], TriageCase]
"""The pipeline with its tools bound."""
RunAll = Callable[[Sequence[tuple[Ticket, TriageCase]]], Sequence[TriageCase]]
"""The pipeline for several tickets of one tenant; the next versions of their cases, in order."""


@dataclass(frozen=True, slots=True)
class Casework(Intake):
    """Everything that happens to a case before a person decides.

    Attributes:
        danger: the entry a case needs in the register of complaints about dangerous products, if any.
        run_all: the pipeline for several tickets, where that costs less than ``run`` for each.
    """

    run: Run
    danger: Callable[[Ticket, TriageCase], SafetyEntry | None] = lambda ticket, case: None
    run_all: RunAll | None = None

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
            void_granted(uow, case_id)
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
