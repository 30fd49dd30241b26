"""Ways out that rest for a tenant: shown to whoever wonders why nothing leaves, lifted by who knows better."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.deferral import Pause
from triage.ports import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses of sending; :class:`triage.approval.Dispatch` begins them, and they end by themselves too."""

    unit_of_work: UnitOfWorkFactory

    def in_force(self, tenant: str) -> tuple[Pause, ...]:
        """The tenant's ways out that rest now."""
        with self.unit_of_work(tenant) as uow:
            return uow.sending_pauses.in_force()

    def lift(self, tenant: str, *, actor: str) -> int:
        """End the tenant's pauses and try every reply that was put off now; returns how many that is.

        Each is checked like any other before it is sent, and one that does not leave begins the next pause.
        """
        with self.unit_of_work(tenant) as uow:
            lifted, woken = uow.sending_pauses.lift(), uow.approvals.wake()
            for approval in woken:
                uow.jobs.send(approval)
            if lifted or woken:
                detail = {"ways": ", ".join(pause.way for pause in lifted), "replies": str(len(woken))}
                uow.audit.append(actor=actor, action="sending_pause_lifted", subject="service", detail=detail)
            uow.commit()
        return len(woken)
