"""The HTTP client for other people's servers: judged and pinned addresses, one deadline, bounded answers.

The deadline covers everything (name, connection, TLS, request, answer), so a server that drips bytes cannot hold a
worker. Redirects are followed only when asked for, and never to another origin. Compression is not offered, so an
answer cannot unpack into more than was received. Proxies of the environment are ignored: they would resolve names anew.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin

import httpcore2

from triage.adapters.outgoing.addresses import Allowed, Target
from triage.adapters.outgoing.deadline import PinnedBackend
from triage.errors import OutgoingInterrupted, OutgoingRefused, OutgoingUnreachable

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_USER_AGENT = "after-sales-triage"


@dataclass(frozen=True, slots=True)
class OutgoingLimits:
    """How long a call may take in all and how much an answer may hold.

    Source: OWASP API10:2023, unsafe consumption of APIs: a deadline and a byte cap for every answer.
    """

    total_s: float = 30.0
    connect_s: float = 4.0
    answer_bytes: int = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True)
class OutgoingClient:
    """Calls servers that :class:`Allowed` lets it call.

    Attributes:
        trust: certificates to trust; default: the system's.
    """

    allowed: Allowed = field(default_factory=Allowed)
    limits: OutgoingLimits = field(default_factory=OutgoingLimits)
    trust: ssl.SSLContext | None = None
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.trust or ssl.create_default_context()

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, redirects: int = 0) -> Answer:
        """Read ``url``, following up to ``redirects`` redirects within its origin.

        Raises:
            OutgoingRefused: the URL, or where it redirects to, may not be called.
            OutgoingUnreachable: no connection could be made.
            OutgoingInterrupted: the answer was too slow, too large or cut off.
        """
        ends = self.monotonic() + self.limits.total_s
        answer = self._call("GET", url, headers or {}, b"", ends)
        origin = self.allowed.target(url).origin
        for _ in range(redirects):
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                break
            there = urljoin(answer.url, answer.headers["location"])
            if not self._is_of(there, origin):
                raise OutgoingRefused("The server redirects to another host: configure its final URL.")
            answer = self._call("GET", there, headers or {}, b"", ends)
        return answer

    def _is_of(self, url: str, origin: str) -> bool:
        try:
            return self.allowed.target(url).origin == origin
        except OutgoingRefused:
            return False

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send one request; a redirect is an answer like any other.

        Raises:
            OutgoingRefused: the URL may not be called; nothing left.
            OutgoingUnreachable: no connection could be made; nothing left.
            OutgoingInterrupted: the request may have arrived, but no usable answer came back.
        """
        return self._call(method, url, headers or {}, body, self.monotonic() + self.limits.total_s)

    def _call(self, method: str, url: str, headers: Mapping[str, str], body: bytes, ends: float) -> Answer:
        target = self.allowed.target(url)
        backend = PinnedBackend(self.allowed, target, ends, self.limits.connect_s, self.monotonic)
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self.limits.total_s)
        sent = {"User-Agent": _USER_AGENT} | dict(headers) | {"Accept-Encoding": "identity", "Connection": "close"}
        sent["Host"] = _host_header(target)
        if body or method in {"POST", "PUT", "PATCH"}:
            sent["Content-Length"] = str(len(body))
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool,
                pool.stream(
                    method, url, headers=list(sent.items()), content=body or None, extensions={"timeout": timeout}
                ) as response,
            ):
                return self._read(response, url)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            raise OutgoingUnreachable(f"The host {target.host!r} cannot be reached.") from None
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
            raise OutgoingInterrupted(f"The host {target.host!r} gave no usable answer in time.") from None

    def _read(self, response: httpcore2.Response, url: str) -> Answer:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise OutgoingInterrupted("The server compressed its answer although that was not asked for.")
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > self.limits.answer_bytes:
                raise OutgoingInterrupted(f"The answer is longer than {self.limits.answer_bytes:,} bytes.")
        return Answer(response.status, headers, bytes(body), url)


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"https": 443, "http": 80}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"
