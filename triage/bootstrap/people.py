"""Users, sessions, passwords and single sign-on, wired to a database and the settings."""

from __future__ import annotations

from triage.adapters.outgoing import Allowed, OutgoingClient
from triage.adapters.passwords import Argon2Hasher
from triage.adapters.storage.database import Database
from triage.adapters.storage.logins import SqlSessionStore
from triage.adapters.storage.sign_ons import SqlSignOnStore
from triage.adapters.storage.users import SqlUserStore
from triage.config import Settings
from triage.domain.access import Role
from triage.errors import ConfigurationError
from triage.people import Accounts, EmergencyStop, Handling, Logins, People, SignOn
from triage.ports import Clock
from triage.ports.people import PasswordHasher


def people_of(
    database: Database, clock: Clock, hasher: PasswordHasher | None = None, settings: Settings | None = None
) -> People:
    """The use cases about people over ``database``; without settings there is no single sign-on.

    Raises:
        ConfigurationError: single sign-on is configured by halves.
    """
    units = database.units_of_work(clock)
    users, hashes = SqlUserStore(database.sessions, clock), hasher or Argon2Hasher()
    logins = Logins(users, SqlSessionStore(database.sessions, clock), hashes, clock)
    return People(
        accounts=Accounts(users, hashes, clock),
        logins=logins,
        emergency_stop=EmergencyStop(units, clock),
        handling=Handling(units, clock, users),
        sign_on=_sign_on(settings, database, logins, clock) if settings and settings.oidc_issuer else None,
    )


def _sign_on(settings: Settings, database: Database, logins: Logins, clock: Clock) -> SignOn:
    from triage.adapters.oidc import OidcClient, OidcProvider  # cryptography is loaded only where it is needed

    faults = oidc_faults(settings)
    if faults:
        raise ConfigurationError(faults)
    registered = OidcClient(
        issuer=settings.oidc_issuer or "",
        client_id=settings.oidc_client_id,
        secret=settings.oidc_client_secret.get_secret_value(),
        redirect_url=settings.oidc_redirect_url,
        role_claim=settings.oidc_role_claim,
    )
    return SignOn(
        provider=OidcProvider(registered, OutgoingClient(Allowed(settings.private_hosts))),
        users=logins.users,
        begun=SqlSignOnStore(database.sessions),
        logins=logins,
        clock=clock,
        tenant=settings.oidc_tenant,
        roles={group: Role(role) for group, role in settings.oidc_roles.items()},
    )


def oidc_faults(settings: Settings) -> list[str]:
    """Everything that is missing or wrong about single sign-on."""
    faults = [
        f"TRIAGE_{name.upper()}: single sign-on needs it."
        for name in ("oidc_client_id", "oidc_redirect_url", "oidc_roles")
        if not getattr(settings, name)
    ]
    unknown = sorted(set(settings.oidc_roles.values()) - set(Role))
    if unknown:
        faults.append(f"TRIAGE_OIDC_ROLES: there is no role {', '.join(unknown)}; there are {', '.join(Role)}.")
    return faults
