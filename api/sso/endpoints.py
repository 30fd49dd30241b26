"""`/v1/sso`: the browser is sent to the identity provider and comes back with its word."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.auth import Gate, address_of, is_loopback
from api.backend import Backend, GivenBackend
from api.idempotency import Route
from api.problems import Problem, documented
from api.session.endpoints import welcome
from api.strict_query import ANY
from triage.people import SignOn
from triage.people.sign_on import LIFE

router = APIRouter(prefix="/sso", tags=["session"], route_class=Route)

# A cookie that is SameSite=Strict is not sent on a redirect that another site began; on this page's own step it is.
_ONWARD = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8">{refresh}<title>Signed in</title></head>
<body><p lang="pl">Zalogowano.</p><p>Signed in.</p></body>
</html>
"""
_TO_THE_DOCS = '<meta http-equiv="refresh" content="0;url=/docs">'
_Text = Annotated[str, Query(min_length=1, max_length=2000)]


@router.get(
    "/login",
    status_code=303,
    summary="Begin single sign-on",
    response_class=RedirectResponse,
    responses=documented(404) | {303: {"description": "To the identity provider"}},
)
def login(backend: GivenBackend, request: Request) -> RedirectResponse:
    """Send the browser to the identity provider; 404 where none is configured."""
    sign_on = _configured(backend)
    _slowly(request)
    url, state = sign_on.begin()
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        _cookie(backend),
        state,
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=not is_loopback(backend.host),
        httponly=True,
        samesite="lax",  # it must come along when the provider sends the browser back
    )
    return answer


@router.get(
    "/callback",
    summary="Come back from the identity provider",
    openapi_extra={ANY: True},  # providers add theirs: iss, session_state, error
    response_class=HTMLResponse,
    responses=documented(404) | {200: {"description": "Signed in; the page goes on by itself"}},
)
def callback(
    backend: GivenBackend,
    request: Request,
    state: _Text,
    code: Annotated[str, Query(max_length=2000, description="the provider's; without one it let nobody in")] = "",
) -> Response:
    """Start a session for whom the provider vouches for; 401 where anything about it cannot be verified."""
    sign_on = _configured(backend)
    _slowly(request)
    logged_in = sign_on.finish(state=state, cookie=request.cookies.get(_cookie(backend)), code=code)
    answer = HTMLResponse(_ONWARD.format(refresh=_TO_THE_DOCS if is_loopback(backend.host) else ""))
    welcome(logged_in, backend, answer)
    answer.delete_cookie(_cookie(backend), path="/", secure=not is_loopback(backend.host), httponly=True)
    return answer


def _configured(backend: Backend) -> SignOn:
    if backend.people.sign_on is None:
        raise Problem(404, "not-found", "Single sign-on is not configured.")
    return backend.people.sign_on


def _slowly(request: Request) -> None:
    gate: Gate = request.app.state.gate
    gate.failures.take(address_of(request))


def _cookie(backend: Backend) -> str:
    return "sso" if is_loopback(backend.host) else "__Host-sso"
