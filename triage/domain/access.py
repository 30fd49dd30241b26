"""Who may do what: roles, what each of them may do, and one function per kind of object that says who reaches it.

A caller belongs to one tenant, named by the key or session and by nothing else. What a caller does not reach does not
exist for them: the answer is the same as for an object that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from triage.errors import CaseNotFound

if TYPE_CHECKING:
    from triage.domain.case import TriageCase


Queues = frozenset[str] | None
"""Teams whose cases are meant, ``""`` for cases of no team; ``None``: all."""


class Role(StrEnum):
    """What a person or a key is; :data:`SCOPES` says what each may do."""

    AGENT = "agent"
    APPROVER = "approver"
    LEAD = "lead"
    DPO = "dpo"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an operation needs."""

    TICKETS = "tickets"
    CASES = "cases"
    KNOWLEDGE = "knowledge"
    EDIT = "edit"
    DECIDE = "decide"
    LEAD = "lead"
    AUDIT = "audit"
    PRIVACY = "privacy"
    ADMINISTER = "administer"


_AGENT = frozenset({Scope.TICKETS, Scope.CASES, Scope.KNOWLEDGE, Scope.EDIT})
_APPROVER = _AGENT | {Scope.DECIDE}
SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.AGENT: _AGENT,
    Role.APPROVER: _APPROVER,
    Role.LEAD: _APPROVER | {Scope.LEAD, Scope.AUDIT},
    Role.DPO: frozenset({Scope.CASES, Scope.KNOWLEDGE, Scope.AUDIT, Scope.PRIVACY}),
    Role.ADMIN: frozenset(Scope),
}
_OF_EVERY_TEAM = frozenset({Role.LEAD, Role.DPO, Role.ADMIN})


def scopes_of(role: Role) -> frozenset[Scope]:
    """Everything a role may do."""
    return SCOPES[role]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        id: of the key or the user.
        actor: the name in approvals and in the audit log, ``key:<id>`` or ``user:<name>``.
        teams: whose cases the caller works on; none means those of every team.
        by_session: known by a cookie, which a browser sends by itself, so that writes need a proof of intent.
    """

    id: str
    actor: str
    tenant: str
    role: Role
    scopes: frozenset[Scope]
    teams: frozenset[str] = frozenset()
    by_session: bool = False

    def may(self, scope: Scope) -> bool:
        """Whether the caller may do what needs ``scope``."""
        return scope in self.scopes

    @property
    def sees_every_team(self) -> bool:
        """Whether cases of all teams are this caller's to see."""
        return not self.teams or self.role in _OF_EVERY_TEAM

    @property
    def queues(self) -> Queues:
        """Whose cases are this caller's to see: of these teams and of none (``""``)."""
        return None if self.sees_every_team else self.teams | {""}


def is_within(queues: Queues, team: str) -> bool:
    """Whether a case of ``team`` is in one of the queues."""
    return queues is None or team in queues


def reach_case(caller: Caller, case: TriageCase) -> TriageCase:
    """Return the case if it is the caller's to see: of the same tenant, and of no team or one of the caller's.

    Raises:
        CaseNotFound: it is not.
    """
    if case.tenant != caller.tenant or not is_within(caller.queues, case.team):
        raise CaseNotFound(f"There is no case {case.ticket_id!r}.")
    return case
