"""Who calls: an API key or a session, and what its role may do. There is no anonymous access but the log-in itself."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.backend import Backend, KeyStore, backend_of
from api.buckets import Buckets
from api.limits import Limits, RateLimiter
from api.problems import Problem
from triage.domain.access import Caller, Scope
from triage.domain.api_keys import split_key
from triage.domain.people import csrf_token
from triage.errors import ConfigurationError

CSRF_HEADER = "x-csrf-token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME_SITE = frozenset({"same-origin", "none"})


class Gate:
    """Lets in who shows a key or a session that is in force, at a bounded rate."""

    def __init__(self, limits: Limits, buckets: Buckets) -> None:
        self.requests = RateLimiter("requests", limits.requests_per_minute, buckets)
        self.decisions = RateLimiter("decisions", limits.decisions_per_minute, buckets)
        self.failures = RateLimiter("failures", limits.failed_logins_per_minute, buckets)

    async def admit(self, backend: Backend, request: Request) -> Caller:
        """Tell who calls.

        Raises:
            Problem: 401 without a key or session in force, 403 for a write that may be forged, 429 over the rate.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        token = session_token(request)
        if scheme:
            caller = await self._by_key(backend, text.strip() if scheme.lower() == "bearer" else "")
        else:
            caller = await self._by_session(backend, token)
        if caller is None:
            self.failures.take(address_of(request))
            raise _unauthorized()
        if caller.by_session and token is not None:
            refuse_forged(request, token)
        self.requests.take(caller.id)
        return caller

    async def _by_key(self, backend: Backend, text: str) -> Caller | None:
        parts = split_key(text)
        if parts is None:
            return None
        key = backend.keys.recall(parts[0]) or await run_in_threadpool(backend.keys.find, parts[0])
        return key.caller if key is not None and key.accepts(parts[1], backend.clock.now()) else None

    async def _by_session(self, backend: Backend, token: str | None) -> Caller | None:
        user = await run_in_threadpool(backend.people.logins.resume, token) if token else None
        return user.caller if user else None


def cookie_name(backend: Backend) -> str:
    """The session cookie's name; the prefix makes browsers insist on Secure, the whole site and no subdomain."""
    return "sid" if is_loopback(backend.host) else "__Host-sid"


def session_token(request: Request) -> str | None:
    """What the session cookie carries."""
    return request.cookies.get(cookie_name(backend_of(request)))


def refuse_forged(request: Request, token: str) -> None:
    """Refuse a write that another site's page could have made the browser send.

    Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet: a token per session, and Fetch Metadata / Origin.

    Raises:
        Problem: 403.
    """
    if request.method in _SAFE_METHODS:
        return
    refuse_cross_site(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not secrets.compare_digest(given.encode("utf-8"), csrf_token(token).encode("ascii")):
        raise Problem(403, "csrf-refused", "Send the session's csrf_token (GET /v1/session) as X-CSRF-Token.")


def refuse_cross_site(request: Request) -> None:
    """Refuse a request that the browser says another site began.

    Raises:
        Problem: 403.
    """
    origin = request.headers.get("origin")
    elsewhere = origin is not None and origin.partition("://")[2] != request.headers.get("host", "")
    if elsewhere or request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise Problem(403, "csrf-refused", "The request came from another site's page.")


def address_of(request: Request) -> str:
    """Where the connection comes from; headers that anyone can write are not believed."""
    return request.client.host if request.client else "unknown"


def _unauthorized() -> Problem:
    return Problem(
        401,
        "unauthorized",
        "Send an API key in force as `Authorization: Bearer trk_…`, or log in.",
        {"WWW-Authenticate": 'Bearer realm="triage"'},
    )


_bearer = HTTPBearer(
    scheme_name="apiKey", description="An API key, `trk_<id>_<secret>`; see `POST /v1/keys`.", auto_error=False
)
_cookie = APIKeyCookie(
    name="__Host-sid",
    scheme_name="session",
    description="A session, see `PUT /v1/session`; writes also need its `X-CSRF-Token`. Named `sid` on this machine.",
    auto_error=False,
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
_Session = Annotated[str | None, Security(_cookie)]


async def principal_of(request: Request) -> Caller:
    """The caller of ``request``, looked up once per request."""
    known: Caller | None = getattr(request.state, "principal", None)
    if known is None:
        gate: Gate = request.app.state.gate
        known = await gate.admit(backend_of(request), request)
        request.state.principal = known
    return known


# dependencies do not wait for anything: one that is no coroutine would cost every request a thread
async def _authenticated(request: Request, _credentials: _Credentials, _session: _Session) -> Caller:
    return await principal_of(request)


Anybody = Annotated[Caller, Depends(_authenticated)]
"""Any caller who is let in at all."""


def needs(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in only callers with ``scope`` and returns the caller."""

    async def allowed(request: Request, _credentials: _Credentials, _session: _Session) -> Caller:
        caller = await principal_of(request)
        if not caller.may(scope):
            raise Problem(403, "forbidden", f"This {caller.role.value} does not have the scope {scope.value!r}.")
        if scope is Scope.DECIDE:
            gate: Gate = request.app.state.gate
            gate.decisions.take(caller.id)
        return caller

    return allowed


TicketUser = Annotated[Caller, Depends(needs(Scope.TICKETS))]
CaseReader = Annotated[Caller, Depends(needs(Scope.CASES))]
Searcher = Annotated[Caller, Depends(needs(Scope.KNOWLEDGE))]
Editor = Annotated[Caller, Depends(needs(Scope.EDIT))]
Decider = Annotated[Caller, Depends(needs(Scope.DECIDE))]
Lead = Annotated[Caller, Depends(needs(Scope.LEAD))]
Auditor = Annotated[Caller, Depends(needs(Scope.AUDIT))]
PrivacyOfficer = Annotated[Caller, Depends(needs(Scope.PRIVACY))]
Administrator = Annotated[Caller, Depends(needs(Scope.ADMINISTER))]


def refuse_without_keys(host: str, keys: KeyStore) -> None:
    """Refuse to listen to the network while there is no key: whoever finds the port first must not set it up.

    Raises:
        ConfigurationError: no key is in force and the host is not a loopback address.
    """
    if not is_loopback(host) and not keys.any_in_force():
        raise ConfigurationError(
            [
                f"TRIAGE_HOST: {host} is reachable from the network, but there is no API key: "
                "start once with TRIAGE_HOST=127.0.0.1, which creates the first admin key, then set the host again."
            ]
        )


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
