"""Limits: how large a body may be, counted while it streams, and how many requests a key may make."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.buckets import Buckets, OwnBuckets
from api.problems import Problem, problem_response

MIB = 1024 * 1024
_LINES_PATH = re.compile("/v1/tickets/bulk|/v1/imports/[^/]+/lines")
_FILES_PATH = re.compile("/v1/tickets/.+/files")


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, rates per minute (shared/docs: JSON 1 MiB, uploads 25 MiB, 600 requests, 60 decisions)."""

    json_bytes: int = MIB
    mail_bytes: int = 25 * MIB
    bulk_bytes: int = 512 * MIB
    file_bytes: int = 25 * MIB
    document_bytes: int = 64 * MIB
    requests_per_minute: int = 600
    decisions_per_minute: int = 60
    failed_logins_per_minute: int = 20

    def of_request(self, scope: Scope) -> int:
        """The most bytes this request's body may have."""
        if _LINES_PATH.fullmatch(scope["path"]):
            return self.bulk_bytes
        if _FILES_PATH.fullmatch(scope["path"]):
            return self.file_bytes
        media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if media_type == "multipart/form-data" and scope["path"] == "/v1/knowledge/documents":
            return self.document_bytes
        is_mail = media_type == "message/rfc822" and scope["path"].startswith("/v1/tickets")
        return self.mail_bytes if is_mail else self.json_bytes


class _TooLarge(Exception):
    """The body went over its limit while it was read."""


class BodyLimit:
    """ASGI middleware: refuses a body over its limit, by its announced length or as soon as that much has come in."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting ``receive``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.of_request(scope)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > limit:
            await _refuse(scope, receive, send, limit)
            return
        seen, over, started = 0, False, False

        async def counted() -> Message:
            nonlocal seen, over
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                over = True
                raise _TooLarge
            return message

        async def unless_over(message: Message) -> None:
            # whatever the app makes of the broken-off body, the answer is 413
            nonlocal started
            if over and not started:
                return
            started = True
            await send(message)

        try:
            await self._app(scope, counted, unless_over)
        except Exception:
            if not over:
                raise
        if over and not started:
            await _refuse(scope, receive, send, limit)


class InFlightLimit:
    """ASGI middleware: refuses what is more than can be worked on at once, with a time to come back.

    Below the server's own limit, which answers without saying when. Probes are let through. Each process has its own:
    what a request holds while it is worked on, threads, memory and the process's share of the database's connections,
    is the process's, so that one which is full refuses no request that another one has room for.
    """

    def __init__(self, app: ASGIApp, most: int = 150) -> None:
        self._app = app
        self._most = most
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while there is room."""
        if scope["type"] != "http" or scope["path"] in ("/live", "/ready"):
            await self._app(scope, receive, send)
            return
        if self._running >= self._most:
            told = "Too many requests are being worked on: come back in a moment."
            headers = {"Retry-After": "1"}
            busy = problem_response(Request(scope), 503, "overloaded", "Service Unavailable", told, headers=headers)
            await busy(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1


async def _refuse(scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    detail = f"The body may have at most {limit:,} bytes."
    response = problem_response(Request(scope), 413, "body-too-large", "Content Too Large", detail)
    response.headers["connection"] = "close"  # the rest of the body is not read
    await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """How often a caller may do one kind of thing.

    Attributes:
        kind: keeps this limit's buckets apart from those of others.
        per_minute: tokens that flow back in a minute; also the most a bucket holds.
    """

    kind: str
    per_minute: int
    buckets: Buckets = field(default_factory=OwnBuckets)

    def take(self, name: str) -> None:
        """Take one token of ``name``.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        wait_s = self.buckets.take(f"{self.kind}:{name}", self.per_minute)
        if wait_s > 0:
            retry = {"Retry-After": str(math.ceil(wait_s))}
            raise Problem(429, "too-many-requests", "Too many requests: slow down.", retry)
