"""Connections to judged addresses only, every step of which ends at one deadline."""

from __future__ import annotations

import queue
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpcore2

from triage.adapters.outgoing.addresses import Allowed, Target
from triage.errors import TriageError


@dataclass(frozen=True, slots=True)
class PinnedBackend(httpcore2.NetworkBackend):
    """Resolves the target's host once, judges all of its addresses, and connects to one of these.

    Attributes:
        ends: when everything must be over, on the clock ``now``, in seconds.
        connect_s: most seconds for one address.
    """

    allowed: Allowed
    target: Target
    ends: float
    connect_s: float
    now: Callable[[], float]

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers.

        Raises:
            OutgoingRefused: an address of the host may not be called.
            ConnectError: no address answers.
        """
        failed: Exception = httpcore2.ConnectError()
        for address in self._addresses():
            try:
                stream = httpcore2.SyncBackend().connect_tcp(
                    address,
                    self.target.port,
                    min(self.connect_s, self._left(httpcore2.ConnectTimeout)),
                    local_address,
                    [],
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                failed = exc
                continue
            return _Until(stream, self._left)
        raise failed

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None
    ) -> httpcore2.NetworkStream:
        """No server is called over a socket file."""
        raise httpcore2.ConnectError()

    def _addresses(self) -> tuple[str, ...]:
        """Resolve within the deadline: the system's resolver knows none, so it is left behind in its thread."""
        box: queue.Queue[tuple[str, ...] | Exception] = queue.Queue(maxsize=1)

        def ask() -> None:
            try:
                box.put(self.allowed.addresses(self.target))
            except Exception as exc:
                box.put(exc)

        threading.Thread(target=ask, name="outgoing-resolve", daemon=True).start()
        try:
            found = box.get(timeout=self._left(httpcore2.ConnectTimeout))
        except queue.Empty:
            raise httpcore2.ConnectTimeout() from None
        if isinstance(found, TriageError):
            raise found
        if isinstance(found, Exception):
            raise httpcore2.ConnectError() from None
        return found

    def _left(self, over: type[Exception]) -> float:
        left = self.ends - self.now()
        if left <= 0:
            raise over()
        return left


@dataclass(frozen=True, slots=True)
class _Until(httpcore2.NetworkStream):
    """A connection whose every read and write gets only the time that is left."""

    stream: httpcore2.NetworkStream
    left: Callable[[type[Exception]], float]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self.stream.start_tls(ssl_context, server_hostname, self.left(httpcore2.ConnectTimeout))
        return _Until(stream, self.left)

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)
