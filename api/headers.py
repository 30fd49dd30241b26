"""Around every request: its correlation id, the security headers of its answer, and one line in the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NO_CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


def _missing(given: Iterable[tuple[bytes, bytes]], correlation_id: str) -> list[tuple[bytes, bytes]]:
    """The headers every answer carries, but those the answer has set itself."""
    names = {name.lower() for name, _ in given}
    return [(b"x-request-id", correlation_id.encode()), *(pair for pair in _RAW_HEADERS if pair[0] not in names)]


class Envelope:
    """ASGI middleware, the outermost one: also what goes wrong inside it is answered with these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope["correlation_id"] = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        started, status = time.perf_counter(), 500

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_missing(message["headers"], scope["correlation_id"])]
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        finally:
            _log(scope, status, time.perf_counter() - started)


def _log(scope: Scope, status: int, duration_s: float) -> None:
    """Log the route's template, not the path: ids and queries may be personal."""
    logger.info(
        "request",
        extra={
            "action": "request",
            "method": scope["method"],
            "route": getattr(scope.get("route"), "path", ""),
            "status": status,
            "duration_s": round(duration_s, 4),
            "correlation_id": scope["correlation_id"],
        },
    )
