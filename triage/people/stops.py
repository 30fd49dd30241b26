"""Pressing and lifting the emergency stop. What was approved is held, and goes out once the stop is lifted."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.stops import EVERYBODY, Stop
from triage.errors import InvalidInput
from triage.ports import Clock, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class EmergencyStop:
    """One control for all sends and all calls of language models, of a tenant or of everybody."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock

    def in_force(self, tenant: str) -> Stop | None:
        """The stop a tenant is under, its own or everybody's."""
        with self.unit_of_work(tenant) as uow:
            return uow.stops.in_force()

    def is_stopped(self, tenant: str) -> bool:
        """Whether nothing may leave for this tenant."""
        return self.in_force(tenant) is not None

    def press(self, tenant: str, *, actor: str, reason: str) -> Stop:
        """Stop at once: no claim that was not committed before sends anything. Pressed twice, the first reason stands.

        Args:
            tenant: or :data:`~triage.domain.stops.EVERYBODY`.

        Raises:
            InvalidInput: no reason was given.
        """
        if not reason.strip():
            raise InvalidInput("A stop needs a reason.")
        stop = Stop(tenant, actor, reason.strip(), self.clock.now())
        with self.unit_of_work(tenant) as uow:
            if uow.stops.press(stop):
                uow.audit.append(actor=actor, action="stopped", subject="service", detail={"reason": stop.reason})
                uow.commit()
                return stop
            return uow.stops.in_force() or stop

    def lift(self, tenant: str, *, actor: str) -> int:
        """End a stop, and enqueue what was approved and held; returns how many replies that is."""
        with self.unit_of_work(tenant) as uow:
            if not uow.stops.lift(tenant):
                return 0
            uow.audit.append(actor=actor, action="stop_lifted", subject="service", detail={})
            waiting = uow.stops.tenants_waiting() if tenant == EVERYBODY else (tenant,)
            uow.commit()
        return sum(self._resume(one) for one in waiting)

    def _resume(self, tenant: str) -> int:
        with self.unit_of_work(tenant) as uow:
            if uow.stops.in_force() is not None:
                return 0
            held = uow.approvals.granted()
            for approval in held:
                uow.jobs.send(approval)  # a second job for one approval finds it claimed
            uow.commit()
        return len(held)
