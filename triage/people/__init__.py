"""The people at the desk: who they are, how they get in, and the switch that stops everything."""

from dataclasses import dataclass

from triage.people.accounts import Accounts
from triage.people.handling import Handling
from triage.people.logins import LoggedIn, Logins
from triage.people.sign_on import SignOn
from triage.people.stops import EmergencyStop

__all__ = ["Accounts", "EmergencyStop", "Handling", "LoggedIn", "Logins", "People", "SignOn"]


@dataclass(frozen=True, slots=True)
class People:
    """Everything about people that a front end needs."""

    accounts: Accounts
    logins: Logins
    emergency_stop: EmergencyStop
    handling: Handling
    sign_on: SignOn | None = None
