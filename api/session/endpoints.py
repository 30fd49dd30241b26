"""`/v1/session`: log in with PUT, ask who one is with GET, log out with DELETE."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.auth import Anybody, Gate, address_of, cookie_name, is_loopback, refuse_cross_site, session_token
from api.backend import Backend, GivenBackend
from api.idempotency import Route
from api.problems import Problem, documented
from api.session.schemas import LoginRequest, PasswordRequest, SessionView
from triage.domain.access import Caller
from triage.domain.people import LONGEST, User, csrf_token
from triage.people import LoggedIn

router = APIRouter(prefix="/session", tags=["session"], route_class=Route)


@router.put("", summary="Log in", responses=documented())
def log_in(given: LoginRequest, backend: GivenBackend, request: Request, response: Response) -> SessionView:
    """Start a session by name and password; 401 does not tell which was wrong, 429 says how long to wait."""
    refuse_cross_site(request)
    gate: Gate = request.app.state.gate
    gate.failures.take(address_of(request))
    logged_in = backend.people.logins.log_in(given.name, given.password)
    before = session_token(request)
    if before:
        backend.people.logins.log_out(before)
    return welcome(logged_in, backend, response)


@router.get("", summary="Who am I?", responses=documented())
def who(caller: Anybody, request: Request) -> SessionView:
    """The caller's role, scopes and teams, and the token that writes in a session need."""
    token = session_token(request) if caller.by_session else None
    return SessionView.of(caller, csrf_token(token) if token else None)


@router.delete("", status_code=204, summary="Log out", responses=documented())
def log_out(caller: Anybody, backend: GivenBackend, request: Request, response: Response) -> None:
    """End the session; an API key has none and stays in force."""
    token = session_token(request)
    if caller.by_session and token:
        backend.people.logins.log_out(token)
    response.delete_cookie(cookie_name(backend), path="/", secure=not is_loopback(backend.host), httponly=True)


@router.put("/password", summary="Change the own password", responses=documented())
def change_password(
    given: PasswordRequest, caller: Anybody, backend: GivenBackend, request: Request, response: Response
) -> SessionView:
    """Replace the own password; every session of the user ends, and this browser gets a new one."""
    gate: Gate = request.app.state.gate
    user = _user(caller, backend)
    gate.failures.take(user.id)  # whoever finds an open browser must not try passwords in it
    changed = backend.people.accounts.change_password(user, given.current, given.new)
    return welcome(backend.people.logins.start(changed, how="password"), backend, response)


def welcome(logged_in: LoggedIn, backend: Backend, response: Response) -> SessionView:
    """Give the browser its cookie: unreadable for scripts, never sent along by other sites, encrypted on a network."""
    response.set_cookie(
        cookie_name(backend),
        logged_in.token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=not is_loopback(backend.host),
        httponly=True,
        samesite="strict",
    )
    return SessionView.of(logged_in.user.caller, csrf_token(logged_in.token))


def _user(caller: Caller, backend: Backend) -> User:
    if not caller.by_session:
        raise Problem(403, "forbidden", "An API key has no password: log in.")
    return backend.people.accounts.find(caller.tenant, caller.id)
