"""Levels of automation: who may let the machine fill in which field, and on what promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage.domain.labels import PROMISED, Field, Level
from triage.domain.learning import AutomationSetting, PromiseInForce
from triage.errors import PromiseNotHeld
from triage.ports import Clock, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Automation:
    """What an administrator may set; ``promise`` asks the serving model."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    promise: Callable[[], PromiseInForce | None]

    def settings(self, tenant: str) -> tuple[AutomationSetting, ...]:
        """The level of every field; ``off`` where nothing was set."""
        with self.unit_of_work(tenant) as uow:
            known = {setting.field: setting for setting in uow.automation.settings()}
        return tuple(known.get(field, AutomationSetting(field, Level.OFF)) for field in Field)

    def set_level(self, tenant: str, field: Field, level: Level, *, actor: str) -> AutomationSetting:
        """Set the level of a field; cases that are triaged from now on follow it.

        Raises:
            PromiseNotHeld: ``auto`` for a field without a promised limit on errors, or without one that holds.
        """
        if level is Level.AUTO:
            self._refuse_without_promise(field)
        setting = AutomationSetting(field, level, actor, self.clock.now())
        with self.unit_of_work(tenant) as uow:
            before = uow.automation.levels().get(field, Level.OFF)
            uow.automation.put(setting)
            detail = {"field": field.value, "before": before.value, "after": level.value}
            uow.audit.append(actor=actor, action="automation", subject=f"field:{field.value}", detail=detail)
            uow.commit()
        return setting

    def _refuse_without_promise(self, field: Field) -> None:
        if field not in PROMISED:
            raise PromiseNotHeld(f"No limit on errors is promised for {field.value}: it may be suggested at most.")
        promise = self.promise()
        if promise is None:
            raise PromiseNotHeld("The model in force promises no limit on errors: promote one that does.")
        if not promise.held:
            raise PromiseNotHeld(
                f"The model in force cannot keep its promise of at most {promise.max_error:.1%} errors yet: "
                "give it more labelled tickets and train again."
            )
