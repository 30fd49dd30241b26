"""Cases grow older: as a term comes near, an unanswered case rises in the queue though nobody touches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from triage.calendars.counting import local_day
from triage.domain.case import TriageCase
from triage.domain.ticket import Ticket
from triage.ports import Clock, UnitOfWork, UnitOfWorkFactory

# In a transaction: the database ends one that does nothing for 30 s, and a case takes up to 0.1 s of thought.
_PAGE: Final = 25

OnAnotherDay = Callable[[Ticket, TriageCase, date], TriageCase]
"""The case as it stands on a day: urgency and findings, with the company's data bound."""


@dataclass(slots=True)
class Ageing:
    """Weighs cases anew, once a local day in each process; what it has done already it does not do twice.

    A case whose reply is on its way is left as it is, because an approval binds it. A draft that waits gets the day's
    date, unless the first of two approvers read it: then the words stay, and that approval with them. When a case was
    last changed is not moved: retention counts from there.

    Attributes:
        horizon: how far ahead urgency looks; a case that is due later is as urgent as when it was triaged.
    """

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    tenants: Callable[[], Sequence[str]]
    on_another_day: OnAnotherDay
    horizon: timedelta
    _done: date | None = None

    def once_a_day(self) -> int:
        """Weigh all tenants' cases as of today, unless this process did; returns how many changed."""
        today = local_day(self.clock.now())
        if self._done == today:
            return 0
        changed = sum(self.weigh(tenant, today) for tenant in self.tenants())
        self._done = today
        return changed

    def weigh(self, tenant: str, today: date) -> int:
        """Weigh one tenant's cases as of a day; returns how many changed."""
        changed, after = 0, None
        while True:
            with self.unit_of_work(tenant) as uow:
                page = uow.cases.growing_older(today + self.horizon, limit=_PAGE, after=after)
                tickets = uow.tickets.get_all([case.ticket_id for case in page])
                older = [(self._older(uow, tickets[case.ticket_id], case, today), case) for case in page]
                changed += self._keep(uow, [(new, old) for new, old in older if new is not old])
                uow.commit()
            if len(page) < _PAGE:
                return changed
            after = page[-1].ticket_id

    def _older(self, uow: UnitOfWork, ticket: Ticket, case: TriageCase, today: date) -> TriageCase:
        older = self.on_another_day(ticket, case, today)
        if older.draft != case.draft and _is_read(uow, case):
            older = replace(older, draft=case.draft)
        return case if older == case else replace(older, version=case.version + 1)

    def _keep(self, uow: UnitOfWork, changed: Sequence[tuple[TriageCase, TriageCase]]) -> int:
        kept = uow.cases.save_all([(new, old.version) for new, old in changed])
        for new, old in changed:
            if new.ticket_id not in kept:
                continue  # somebody was quicker; what they did was weighed today
            first = uow.first_approvals.of_case(new.ticket_id)
            if first is not None and _is_read(uow, old):
                uow.first_approvals.keep(replace(first, case_version=new.version))  # the words are the same
            if new.urgency and old.urgency and new.urgency.level is not old.urgency.level:
                detail = {"from": old.urgency.level.value, "to": new.urgency.level.value, "version": str(new.version)}
                uow.audit.append(actor="system", action="urgency_changed", subject=new.ticket_id, detail=detail)
        return len(kept)


def _is_read(uow: UnitOfWork, case: TriageCase) -> bool:
    """Whether the first of two approvers approved the case as it is."""
    first = uow.first_approvals.of_case(case.ticket_id)
    return first is not None and first.case_version == case.version
