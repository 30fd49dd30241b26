"""Whose a case is and when it is looked at: hand over, snooze, reopen. Nothing here touches the words of a reply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from triage.domain.case import CaseState, TriageCase
from triage.domain.people import User, login_name
from triage.domain.ticket import Requester
from triage.errors import IllegalTransition, InvalidInput, StaleVersion
from triage.ports import Clock, UnitOfWork, UnitOfWorkFactory
from triage.ports.people import UserStore

_ON_ITS_WAY = frozenset({CaseState.APPROVED, CaseState.SENDING, CaseState.DELIVERY_UNKNOWN})
_CLOSED = frozenset({CaseState.SENT, CaseState.REJECTED})


@dataclass(frozen=True, slots=True)
class Handling:
    """Changes to whose a case is and when it is looked at; each is made on the case as it was read, and audited."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    users: UserStore

    def hand_over(
        self, tenant: str, case_id: str, *, actor: str, version_read: int, assignee: str | None, team: str | None
    ) -> TriageCase:
        """Give a case to a person, to a team, or to nobody (an empty name); ``None`` leaves it as it is.

        Raises:
            StaleVersion: the case has changed since it was read.
            IllegalTransition: its reply is on its way: an approval binds the case as it is.
            InvalidInput: the person cannot work on this tenant's cases, or not on this team's.
        """
        with self.unit_of_work(tenant) as uow:
            case = _as_read(uow, case_id, version_read)
            new_team = case.team if team is None else team
            person = self._worker(tenant, assignee, new_team) if assignee else None
            new_assignee = case.assignee if assignee is None else (person.actor if person else "")
            changed = replace(case, assignee=new_assignee, team=new_team)
            detail = {"from": case.assignee, "to": changed.assignee, "team": changed.team}
            return self._keep(uow, case, changed, actor=actor, action="handed_over", detail=detail)

    def snooze(self, tenant: str, case_id: str, *, actor: str, version_read: int, until: datetime | None) -> TriageCase:
        """Take a case out of the queue until a moment, or wake it (``None``); a newer message wakes it too.

        Raises:
            StaleVersion: the case has changed since it was read.
            IllegalTransition: its reply is on its way.
            InvalidInput: the moment is past.
        """
        if until is not None and until <= self.clock.now():
            raise InvalidInput("Snooze a case until a moment that is still to come.")
        with self.unit_of_work(tenant) as uow:
            case = _as_read(uow, case_id, version_read)
            changed = replace(case, snoozed_until=until)
            action, detail = ("snoozed", {"until": until.isoformat()}) if until else ("woken", {})
            return self._keep(uow, case, changed, actor=actor, action=action, detail=detail)

    def set_requester(
        self, tenant: str, case_id: str, *, actor: str, version_read: int, requester: Requester
    ) -> TriageCase:
        """Say who asks and where the reply goes, as of a ticket from the telephone; what was approved first is void.

        Raises:
            StaleVersion: the case has changed since it was read.
            IllegalTransition: its reply is on its way.
            InvalidInput: the address can be none.
        """
        if not requester.has_address:
            raise InvalidInput("Give an e-mail address to which a reply can be sent.")
        with self.unit_of_work(tenant) as uow:
            ticket = uow.tickets.get(case_id, for_update=True)  # before the case, as whoever adds a message does
            case = _as_read(uow, case_id, version_read)
            uow.tickets.save(replace(ticket, requester=requester))
            return self._keep(uow, case, case, actor=actor, action="requester_set", detail={}, first_stands=False)

    def reopen(self, tenant: str, case_id: str, *, actor: str, version_read: int) -> TriageCase:
        """Take up a case again that was answered or rejected; its ticket is triaged anew, the history stays.

        Raises:
            StaleVersion: the case has changed since it was read.
            IllegalTransition: it is open.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = _as_read(uow, case_id, version_read, refused=frozenset()), uow.tickets.get(case_id)
            if case.state not in _CLOSED:
                raise IllegalTransition("Only a case whose reply was sent or rejected can be reopened.")
            reopened = replace(case.become(CaseState.RECEIVED, self.clock.now()), snoozed_until=None)
            uow.cases.save(reopened, expected_version=case.version)
            uow.jobs.triage(ticket)
            detail = {"was": case.state.value, "version": str(reopened.version)}
            uow.audit.append(actor=actor, action="reopened", subject=case_id, detail=detail)
            uow.commit()
        return reopened

    def _worker(self, tenant: str, name: str, team: str) -> User:
        user = self.users.named(login_name(name))
        if user is None or user.tenant != tenant or user.disabled_at is not None:
            raise InvalidInput("There is no active user of this name to hand the case to.")
        if team and not user.caller.sees_every_team and team not in user.teams:
            raise InvalidInput("This user does not work on this team's cases.")
        return user

    def _keep(
        self,
        uow: UnitOfWork,
        case: TriageCase,
        changed: TriageCase,
        *,
        actor: str,
        action: str,
        detail: dict[str, str],
        first_stands: bool = True,
    ) -> TriageCase:
        kept = replace(changed, version=case.version + 1, updated_at=self.clock.now())
        uow.cases.save(kept, expected_version=case.version)
        first = uow.first_approvals.of_case(case.ticket_id)
        if first_stands and first is not None and first.case_version == case.version:
            uow.first_approvals.keep(replace(first, case_version=kept.version))  # the words are the same
        uow.audit.append(
            actor=actor, action=action, subject=case.ticket_id, detail=detail | {"version": str(kept.version)}
        )
        uow.commit()
        return kept


def _as_read(
    uow: UnitOfWork, case_id: str, version_read: int, refused: frozenset[CaseState] = _ON_ITS_WAY
) -> TriageCase:
    case = uow.cases.get(case_id, for_update=True)
    if case.version != version_read:
        raise StaleVersion()
    if case.state in refused:
        raise IllegalTransition("The reply is on its way: wait until it is sent.")
    return case
