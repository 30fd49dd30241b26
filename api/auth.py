"""Who calls: API keys, roles and the one table of what each role may do. There is no anonymous access."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.backend import Backend, backend_of
from api.limits import Limits, RateLimiter
from api.problems import Problem
from triage.domain.access import Role, split_key
from triage.errors import ConfigurationError


class Scope(StrEnum):
    """What an operation needs."""

    TICKETS = "tickets"
    CASES = "cases"
    KNOWLEDGE = "knowledge"
    EDIT = "edit"
    DECIDE = "decide"
    ADMINISTER = "administer"


_AGENT = frozenset({Scope.TICKETS, Scope.CASES, Scope.KNOWLEDGE, Scope.EDIT})
SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.AGENT: _AGENT,
    Role.APPROVER: _AGENT | {Scope.DECIDE},
    Role.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request; the tenant comes from the key and from nowhere else."""

    key_id: str
    tenant: str
    role: Role

    @property
    def actor(self) -> str:
        """The name in approvals and in the audit log."""
        return f"key:{self.key_id}"


class Gate:
    """Lets in who shows a key that is in force, at a bounded rate."""

    def __init__(self, limits: Limits) -> None:
        self.requests = RateLimiter(limits.requests_per_minute)
        self.decisions = RateLimiter(limits.decisions_per_minute)
        self.failures = RateLimiter(limits.failed_logins_per_minute)

    def admit(self, backend: Backend, text: str | None, address: str) -> Principal:
        """Tell who calls.

        Raises:
            Problem: 401 without a key in force, 429 over the rate.
        """
        parts = split_key(text or "")
        key = backend.keys.find(parts[0]) if parts else None
        if key is None or parts is None or not key.accepts(parts[1], backend.clock.now()):
            self.failures.take(address)
            raise Problem(
                401,
                "unauthorized",
                "Send an API key in force as `Authorization: Bearer trk_…`.",
                {"WWW-Authenticate": 'Bearer realm="triage"'},
            )
        self.requests.take(key.id)
        return Principal(key.id, key.tenant, key.role)


_bearer = HTTPBearer(
    scheme_name="apiKey", description="An API key, `trk_<id>_<secret>`; see `POST /v1/keys`.", auto_error=False
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def principal_of(request: Request) -> Principal:
    """The caller of ``request``, looked up once per request."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        gate: Gate = request.app.state.gate
        address = request.client.host if request.client else "unknown"
        known = gate.admit(backend_of(request), text.strip() if scheme.lower() == "bearer" else None, address)
        request.state.principal = known
    return known


def _authenticated(request: Request, _credentials: _Credentials) -> Principal:
    return principal_of(request)


def needs(scope: Scope) -> Callable[[Request, Principal], Principal]:
    """A dependency that lets in only roles with ``scope`` and returns the caller."""

    def allowed(request: Request, principal: Annotated[Principal, Depends(_authenticated)]) -> Principal:
        if scope not in SCOPES[principal.role]:
            raise Problem(
                403, "forbidden", f"The role {principal.role.value!r} does not have the scope {scope.value!r}."
            )
        if scope is Scope.DECIDE:
            gate: Gate = request.app.state.gate
            gate.decisions.take(principal.key_id)
        return principal

    return allowed


TicketUser = Annotated[Principal, Depends(needs(Scope.TICKETS))]
CaseReader = Annotated[Principal, Depends(needs(Scope.CASES))]
Searcher = Annotated[Principal, Depends(needs(Scope.KNOWLEDGE))]
Editor = Annotated[Principal, Depends(needs(Scope.EDIT))]
Decider = Annotated[Principal, Depends(needs(Scope.DECIDE))]
Administrator = Annotated[Principal, Depends(needs(Scope.ADMINISTER))]


def refuse_without_keys(backend: Backend) -> None:
    """Refuse to listen to the network while there is no key: whoever finds the port first must not set it up.

    Raises:
        ConfigurationError: no key is in force and the host is not a loopback address.
    """
    if not is_loopback(backend.host) and not backend.keys.any_in_force():
        raise ConfigurationError(
            [
                f"TRIAGE_HOST: {backend.host} is reachable from the network, but there is no API key: "
                "start once with TRIAGE_HOST=127.0.0.1, which creates the first admin key, then set the host again."
            ]
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
