"""How a request is sent, and when it is sent again.

Again only where that is safe: reading and deleting; a POST, because all its attempts carry one ``Idempotency-Key``; and
whatever the service refused before it began (429, or a 409 that says somebody else holds the object). Another write
whose answer was lost is not repeated: read the object and see. The service's ``Retry-After`` is obeyed.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from api.client.errors import ApiError, NoAnswer, ServiceUnavailable, TooManyRequests, error_of

_REPEATABLE = frozenset({"GET", "HEAD", "DELETE", "POST"})
_NOT_BEGUN = "contended"
Parameter = str | int | bool


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent and how long is waited in between, in seconds.

    Attributes:
        most_wait_s: a longer ``Retry-After`` is an error at once.
    """

    attempts: int = 5
    first_wait_s: float = 0.5
    most_wait_s: float = 30.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def wait_s(self, attempt: int, error: ApiError) -> float | None:
        """How long to wait after attempt number ``attempt`` (from 1); ``None``: give up."""
        if attempt >= self.attempts:
            return None
        if error.retry_after_s is not None:
            return error.retry_after_s if error.retry_after_s <= self.most_wait_s else None
        longest = min(self.most_wait_s, self.first_wait_s * float(2 ** (attempt - 1)))
        return longest * (0.5 + self.jitter() / 2)


@dataclass(frozen=True, slots=True)
class Connection:
    """Sends requests under ``/v1`` with one key."""

    http: httpx2.Client
    key: str = field(repr=False)
    patience: Patience = field(default_factory=Patience)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Parameter] | None = None,
        json: object = None,
        content: bytes | None = None,
    ) -> httpx2.Response:
        """Send a request, again where that is safe; ``path`` begins behind ``/v1``.

        Raises:
            ApiError: it was refused, or no answer came.
        """
        sent = self.headers(headers)
        if method == "POST":
            sent.setdefault("Idempotency-Key", uuid.uuid4().hex)
        body: dict[str, Any] = {"content": content} if json is None else {"json": json}
        request = self.http.build_request(method, f"/v1{path}", headers=sent, params=params, **body)
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(request)
            except ApiError as error:
                wait_s = self.patience.wait_s(attempt, error) if _may_repeat(method, error) else None
                if wait_s is None:
                    raise
            self.patience.sleep(wait_s)

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The key, and ``more``."""
        return {"Authorization": f"Bearer {self.key}"} | dict(more or {})

    def _once(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = self.http.send(request)
        except httpx2.TransportError as exc:
            raise NoAnswer(f"No answer from the service: {type(exc).__name__}.") from exc
        if response.status_code >= 400:
            raise error_of(response)
        return response


def _may_repeat(method: str, error: ApiError) -> bool:
    if isinstance(error, TooManyRequests) or error.kind == _NOT_BEGUN:
        return True
    return method in _REPEATABLE and isinstance(error, NoAnswer | ServiceUnavailable)
