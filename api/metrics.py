"""`/metrics` for Prometheus: only where a token is set, and only for who sends it. Not part of the versioned API."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from fastapi import FastAPI, Request, Response

from api.problems import Problem

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def install(app: FastAPI, token: str, render: Callable[[], bytes]) -> None:
    """Serve what ``render`` prints to callers with ``token``; the figures are of the whole service, not of a tenant."""

    def metrics(request: Request) -> Response:
        """Everything, in Prometheus' text format."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
        if not known:
            request.app.state.gate.failures.take(request.client.host if request.client else "unknown")
            raise Problem(401, "unauthorized", "Send TRIAGE_METRICS_TOKEN as bearer token.")
        return Response(render(), media_type=CONTENT_TYPE)

    app.add_api_route("/metrics", metrics, include_in_schema=False)
