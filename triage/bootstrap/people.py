"""Users, sessions and passwords, wired to a database."""

from __future__ import annotations

from triage.adapters.passwords import Argon2Hasher
from triage.adapters.storage.database import Database
from triage.adapters.storage.logins import SqlSessionStore
from triage.adapters.storage.users import SqlUserStore
from triage.people import Accounts, EmergencyStop, Handling, Logins, People
from triage.ports import Clock
from triage.ports.people import PasswordHasher


def people_of(database: Database, clock: Clock, hasher: PasswordHasher | None = None) -> People:
    """The use cases about people over ``database``."""
    units = database.units_of_work(clock)
    users, hashes = SqlUserStore(database.sessions, clock), hasher or Argon2Hasher()
    return People(
        accounts=Accounts(users, hashes, clock),
        logins=Logins(users, SqlSessionStore(database.sessions, clock), hashes, clock),
        emergency_stop=EmergencyStop(units, clock),
        handling=Handling(units, clock, users),
    )
