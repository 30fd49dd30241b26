"""Idempotency-Key: a POST repeated with the same key and body gets the same answer and is done once.

The key is scoped to the API key that sent it and to the path. Only answers of success are kept: a refusal changed
nothing, so its request may be mended and sent again under the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.auth import principal_of
from api.backend import AnswerStore, backend_of
from api.problems import Problem
from api.strict_json import StrictRequest
from api.strict_query import ANY, known_parameters, refuse_unknown
from triage.domain.records import KeptAnswer
from triage.errors import IdempotencyMismatch

SHOWN_ONCE = "x-shown-once"
"""OpenAPI extension of an operation: fields of its answer that are never kept, so not repeated either."""

_KEY = re.compile(r"[!-~]{1,255}")
_KEPT_HEADERS = ("content-type", "location", "etag")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

PARAMETER: Mapping[str, object] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repetition safe: the same key and body within 24 hours give the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class Route(APIRoute):
    """A route with strict JSON, no unknown query parameters and, for POST, Idempotency-Key."""

    def get_route_handler(self) -> _Handler:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()
        shown_once = tuple((self.openapi_extra or {}).get(SHOWN_ONCE, ()))
        repeatable = "POST" in (self.methods or ())
        any_query = (self.openapi_extra or {}).get(ANY, False)
        known = known_parameters(self.dependant)

        async def handler(request: Request) -> Response:
            if not any_query:
                refuse_unknown(request, known)
            strict = StrictRequest(request.scope, request.receive)
            if not repeatable or "idempotency-key" not in request.headers:
                return await handle(strict)
            return await _once(strict, handle, shown_once)

        return handler


@dataclass(frozen=True, slots=True)
class _Reservation:
    """A key taken for one request."""

    store: AnswerStore
    tenant: str
    route: str
    key: str

    async def take(self) -> KeptAnswer | None:
        return await run_in_threadpool(self.store.reserve, self.tenant, self.route, self.key)

    async def keep(self, answer: KeptAnswer) -> None:
        await run_in_threadpool(self.store.keep, self.tenant, self.route, self.key, answer)

    async def release(self) -> None:
        await run_in_threadpool(self.store.release, self.tenant, self.route, self.key)


async def body_digest(request: Request) -> bytes:
    """SHA-256 of the body and the query; an endpoint that streams leaves that of the body in the request's state.

    It is ``request.state.body_sha256``.
    """
    streamed: bytes | None = getattr(request.state, "body_sha256", None)
    if streamed is None:
        digest = hashlib.sha256()
        async for chunk in request.stream():
            digest.update(chunk)
        streamed = digest.digest()
    query = request.url.query.encode("utf-8")
    return hashlib.sha256(streamed + query).digest() if query else streamed


async def _once(
    request: Request, handle: Callable[[Request], Awaitable[Response]], shown_once: tuple[str, ...]
) -> Response:
    key = request.headers["idempotency-key"]
    if not _KEY.fullmatch(key):
        raise Problem(400, "invalid-idempotency-key", "Idempotency-Key must be 1 to 255 visible ASCII characters.")
    principal = await principal_of(request)
    store = backend_of(request).answers
    reservation = _Reservation(store, principal.tenant, f"{request.method} {request.url.path}", f"{principal.id}:{key}")
    kept = await reservation.take()
    if kept is not None:
        return await _again(request, kept)
    try:
        response = await handle(request)
    except BaseException:
        await reservation.release()
        raise
    if not 200 <= response.status_code < 300:
        await reservation.release()
        return response
    await reservation.keep(_without(_answer(response, await body_digest(request)), shown_once))
    return response


async def _again(request: Request, kept: KeptAnswer) -> Response:
    if await body_digest(request) != kept.body_sha256:
        raise IdempotencyMismatch()
    return Response(kept.body, kept.status, {**kept.headers, "Idempotent-Replayed": "true"})


def _answer(response: Response, digest: bytes) -> KeptAnswer:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return KeptAnswer(digest, response.status_code, headers, bytes(response.body).decode("utf-8"))


def _without(answer: KeptAnswer, fields: tuple[str, ...]) -> KeptAnswer:
    if not fields:
        return answer
    content = json.loads(answer.body)
    return replace(answer, body=json.dumps(content | dict.fromkeys(fields), ensure_ascii=False))
