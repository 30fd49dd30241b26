"""The data protection desk: find, export and erase people, and keep the erased from coming back.

Tombstones are durable in their journal before anything is gone, so an erasure that a killed process left half done is
finished by :meth:`PrivacyDesk.reapply` at the next start; the same undoes the restoring of a backup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from triage.calendars.counting import local_day
from triage.domain.privacy import Person, Seal, Tombstone, Trace, Why
from triage.domain.ticket import Ticket
from triage.errors import PlanChanged
from triage.ports import Clock, PersonalDataRecogniser
from triage.ports.privacy import AgingStore, PersonalStore, PrivacyUnit, PrivacyUnitFactory
from triage.ports.tombstones import TombstoneJournal
from triage.privacy.erase import ErasureReport, erasure_of, record, stop_replies, tombstones_of
from triage.privacy.export import Export, export_person
from triage.privacy.plan import ErasurePlan, plan_erasure, plan_ticket
from triage.privacy.retention import RetentionPlan, delete_aged, erasure_of_aged, plan_retention
from triage.privacy.schedule import RetentionSchedule

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PrivacyDesk:
    """Everything GDPR art. 5(1)(e), 15 and 17 ask of the desk.

    Attributes:
        files: stores outside of the database (the outbox).
        aging_files: those of them whose records end by their own age.
    """

    unit_of_work: PrivacyUnitFactory
    clock: Clock
    recogniser: PersonalDataRecogniser
    schedule: RetentionSchedule
    seal: Seal
    journal: TombstoneJournal
    files: tuple[PersonalStore, ...] = ()
    aging_files: tuple[AgingStore, ...] = ()

    def export(self, tenant: str, person: Person, *, actor: str) -> Export:
        """A copy of everything stored about a person."""
        with self.unit_of_work(tenant) as uow:
            export = export_person(uow, person, self.files, self.schedule, self.clock.now())
            for ticket_id in export.tickets:
                uow.audit.append(actor=actor, action="privacy_exported", subject=ticket_id, detail={})
            uow.commit()
        return export

    def plan(self, tenant: str, person: Person) -> ErasurePlan:
        """The dry run of an erasure: what was found, and what would become of it."""
        with self.unit_of_work(tenant) as uow:
            return plan_erasure(uow, person, self.schedule, local_day(self.clock.now()))

    def erase(self, tenant: str, person: Person, *, actor: str, plan_digest: str) -> ErasureReport:
        """Erase a person as the dry run said.

        Args:
            plan_digest: :attr:`ErasurePlan.digest` of the plan that was read.

        Raises:
            PlanChanged: something came in or changed since the plan was made.
            Conflict: a reply to the person is being sent, or a worker has one of their tickets in hand.
        """
        with self.unit_of_work(tenant) as uow:
            plan = plan_erasure(uow, person, self.schedule, local_day(self.clock.now()))
            if plan.digest != plan_digest:
                raise PlanChanged()
            marks = tombstones_of(
                [uow.tickets.get(one) for one in plan.own], person, tenant, self.seal, self.clock.now()
            )
            self.journal.append(marks)
            report = self._erase(uow, plan, marks, tenant, actor)
            uow.commit()
        return report

    def plan_retention(self, tenant: str) -> RetentionPlan:
        """The dry run of the retention schedule: what is older than its term, by class."""
        with self.unit_of_work(tenant) as uow:
            return plan_retention(uow, self.aging_files, self.schedule, local_day(self.clock.now()))

    def apply_retention(self, tenant: str, *, actor: str) -> RetentionPlan:
        """Delete what is older than its term; cases nobody has settled stay.

        Raises:
            Conflict: a worker has one of the cases in hand.
        """
        now, today = self.clock.now(), local_day(self.clock.now())
        with self.unit_of_work(tenant) as uow:
            plan = plan_retention(uow, self.aging_files, self.schedule, today)
            marks = tombstones_of([uow.tickets.get(one) for one in plan.cases], None, tenant, self.seal, now)
            self.journal.append(marks)
            uow.tombstones.add_all(marks)
            erasure = erasure_of_aged(uow, plan, now)
            for store in (*uow.personal_stores, *self.files):
                store.erase(erasure)
            delete_aged(uow, self.aging_files, self.schedule, today)
            for ticket_id in plan.cases:
                uow.audit.append(actor=actor, action="retention_deleted", subject=ticket_id, detail={})
            detail = {one.id: str(one.overdue) for one in plan.classes} | {"schedule": plan.schedule}
            uow.audit.append(actor=actor, action="retention_applied", subject=f"retention:{plan.day}", detail=detail)
            uow.commit()
        return plan

    def reapply(self) -> Mapping[str, int]:
        """Erase again what a restored backup brought back, by the tombstones kept beside the database.

        Returns:
            How many tickets were erased again, by tenant; empty when the database knows every tombstone.
        """
        by_tenant: dict[str, list[Tombstone]] = defaultdict(list)
        for mark in self.journal.read():
            by_tenant[mark.tenant].append(mark)
        unknown = {tenant: marks for tenant, marks in by_tenant.items() if not self._knows(tenant, marks)}
        return {tenant: self._reapply(tenant, marks) for tenant, marks in unknown.items()}

    def _knows(self, tenant: str, marks: Sequence[Tombstone]) -> bool:
        with self.unit_of_work(tenant) as uow:
            known = {(one.kind, one.digest): one.erased_at for one in uow.tombstones.all()}
        return all(known.get((one.kind, one.digest), _NEVER) >= one.erased_at for one in marks)

    def _reapply(self, tenant: str, marks: Sequence[Tombstone]) -> int:
        with self.unit_of_work(tenant) as uow:
            uow.tombstones.add_all(marks)
            late = uow.tombstones.late()
            for ticket in late:
                trace = Trace(ticket.id, Why.REQUESTER)
                planned = plan_ticket(uow, trace, self.schedule, local_day(self.clock.now()))
                plan = ErasurePlan(_requester(ticket), (planned,), self.schedule.version)
                self._erase(uow, plan, (), tenant, "system")
            uow.commit()
        return len(late)

    def _erase(
        self, uow: PrivacyUnit, plan: ErasurePlan, marks: Sequence[Tombstone], tenant: str, actor: str
    ) -> ErasureReport:
        stop_replies(uow, plan, self.clock.now())
        pseudonym = self.seal.pseudonym(tenant, plan.person)
        erasure = erasure_of(uow, plan, pseudonym, self.recogniser, self.clock.now())
        changed = {store.name: store.erase(erasure) for store in (*uow.personal_stores, *self.files)}
        uow.tombstones.add_all(marks)
        report = ErasureReport.of(plan, len(marks), changed)
        record(uow, plan, report, actor)
        return report


def _requester(ticket: Ticket) -> Person:
    """Who a ticket that came back belongs to."""
    if ticket.requester.email:
        return Person(emails=(ticket.requester.email,), name=ticket.requester.name)
    return Person(external_ids=(ticket.external_id or ticket.id,), name=ticket.requester.name)
