"""The application: routes, limits and error answers around a backend.

``uvicorn api.app:create --factory --no-server-header`` serves it; ``triage serve`` does that with the right options.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from api import docs, error_handlers, health, metrics
from api.approvals import endpoints as approvals
from api.attachments import endpoints as attachments
from api.audit import endpoints as audit
from api.auth import Gate, is_loopback, refuse_without_keys
from api.backend import Backend
from api.buckets import Buckets, OwnBuckets
from api.cases import endpoints as cases
from api.events import endpoints as events
from api.events.stream import Listeners
from api.handling import endpoints as handling
from api.headers import Envelope
from api.housekeeping import keep_house
from api.imports import endpoints as imports
from api.jobs import endpoints as jobs
from api.keys import endpoints as keys
from api.knowledge import documents, rulings
from api.knowledge import endpoints as knowledge
from api.labels import endpoints as labels
from api.learning import endpoints as learning
from api.letters import endpoints as letters
from api.limits import BodyLimit, InFlightLimit, Limits
from api.privacy import endpoints as privacy
from api.safety import endpoints as safety
from api.sending import endpoints as sending
from api.session import endpoints as session
from api.sso import endpoints as sso
from api.stop import endpoints as stop
from api.tickets import endpoints as tickets
from api.users import endpoints as users
from api.webhooks import endpoints as webhooks

if TYPE_CHECKING:
    from triage.bootstrap.services import Services
    from triage.config import Settings

VERSION = "1.0.0"
_DESCRIPTION = """
Takes in complaints, triages them, and sends a reply only after a person approved exactly its words.

Every request needs an API key, `Authorization: Bearer trk_…`, or a session (`PUT /v1/session`) and, to write, its
`X-CSRF-Token`. Errors are `application/problem+json` with a stable `type`. Every POST may carry an `Idempotency-Key`;
every decision on a case carries the case's `ETag` as `If-Match`.
"""


class TriageApi(FastAPI):
    """FastAPI with our envelope around everything, its own error page included."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the envelope outside of Starlette's last resort for errors."""
        return Envelope(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return docs.describe(self)


def create_app(
    services: Services,
    limits: Limits | None = None,
    buckets: Buckets | None = None,
    listeners: Listeners | None = None,
) -> FastAPI:
    """The application over running services.

    Args:
        buckets: count what the limits allow; default: this process alone.
        listeners: count the open streams of events; default: this process alone.

    Raises:
        ConfigurationError: it would be open to the network without any key.
    """
    return build_app(backend_over(services), limits or limits_of(services), buckets=buckets, listeners=listeners)


def create(settings: Settings | None = None) -> FastAPI:
    """Open services and serve them; they close when the server stops.

    Args:
        settings: default: the environment's. Whoever binds another address than they name must say so here, because
            what is served, and whether it may start without a key, depends on who can reach it.

    Raises:
        ConfigurationError: settings are wrong, or it would be open to the network without any key.
    """
    # here, so that an app over other backends loads no models
    from triage.bootstrap.services import open_services
    from triage.config import load_settings

    stack = ExitStack()
    services = stack.enter_context(open_services(settings or load_settings()))
    try:
        return build_app(backend_over(services), limits_of(services), on_stop=stack.close)
    except BaseException:
        stack.close()
        raise


def backend_over(services: Services) -> Backend:
    """What the endpoints need of the services."""
    return Backend(
        host=services.settings.host,
        clock=services.clock,
        unit_of_work=services.desk.unit_of_work,
        casework=services.casework,
        desk=services.desk,
        library=services.library,
        keys=services.keys,
        answers=services.answers,
        trail=services.trail,
        checks=services.checks,
        outbound=services.outbound,
        metrics_token=token.get_secret_value() if (token := services.settings.metrics_token) else None,
        letters=services.letters,
        learning=services.learning,
        people=services.people,
        privacy=services.privacy,
        safety=services.safety,
        grow_older=services.ageing.once_a_day,
    )


def limits_of(services: Services) -> Limits:
    """Sizes and rates as configured."""
    settings = services.settings
    return Limits(
        json_bytes=settings.json_bytes,
        mail_bytes=settings.mail_bytes,
        bulk_bytes=settings.bulk_bytes,
        requests_per_minute=settings.requests_per_minute,
        decisions_per_minute=settings.decisions_per_minute,
        failed_logins_per_minute=settings.logins_per_minute,
    )


def build_app(
    backend: Backend,
    limits: Limits,
    on_stop: Callable[[], None] = lambda: None,
    buckets: Buckets | None = None,
    listeners: Listeners | None = None,
) -> FastAPI:
    """Routes, limits and error answers around a backend.

    Raises:
        ConfigurationError: it would be open to the network without any key.
    """
    refuse_without_keys(backend.host, backend.keys)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with keep_house(backend):
            yield
        on_stop()

    app = TriageApi(
        title="Ticket triage",
        version=VERSION,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if is_loopback(backend.host) else None,
        redirect_slashes=False,
        telemetry={"logs": False},
    )
    app.state.backend = backend
    app.state.gate = Gate(limits, buckets or OwnBuckets())
    app.state.listeners = listeners or Listeners()
    app.state.stopping = asyncio.Event()
    app.add_middleware(BodyLimit, limits=limits)
    app.add_middleware(InFlightLimit)
    error_handlers.install(app)
    app.include_router(tickets.intake_router, prefix="/v1")
    app.include_router(health.router)
    app.include_router(_version_1())
    if backend.metrics_token:
        metrics.install(app, backend.metrics_token, backend.outbound.metrics.render)
    if is_loopback(backend.host):
        docs.install(app)
    return app


def _version_1() -> APIRouter:
    router = APIRouter(prefix="/v1")
    running = (webhooks.router, webhooks.deliveries_router, imports.router, events.router, jobs.router)
    for feature in (*running, attachments.router):  # before tickets: their ids may hold slashes
        router.include_router(feature)
    who = (session.router, sso.router, users.router, stop.router, sending.router)
    people = (*who, learning.router, privacy.router, safety.router)
    about_cases = (labels.router, cases.router, approvals.router, handling.router)
    features = (tickets.router, *about_cases, letters.case_router, cases.detail_router)
    for feature in (
        *features,
        letters.router,
        knowledge.router,
        rulings.router,
        documents.router,
        keys.router,
        audit.router,
        *people,
    ):
        router.include_router(feature)
    return router
