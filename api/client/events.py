"""The stream of changes; it is taken up where it ended. Source: WHATWG HTML, 9.2 Server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

import httpx2

from api.client.connection import Connection
from api.client.errors import ApiError, NoAnswer, ServiceUnavailable, TooManyRequests, error_of
from api.client.values import CaseChange

_SILENCE_S = 60.0  # the service says that it is still there every 15 seconds


def follow(connection: Connection, after: str | None) -> Iterator[CaseChange]:
    """Changes behind ``after``, without end; raises when the service fails as often in a row as patience allows."""
    failures = 0
    while True:
        try:
            for change in _stream(connection, after):
                after, failures = change.position, 0
                yield change
            error: ApiError = NoAnswer("The stream ended.")  # it does so every few minutes
        except (NoAnswer, ServiceUnavailable, TooManyRequests) as exc:
            error, failures = exc, failures + 1
        wait_s = connection.patience.wait_s(max(failures, 1), error)
        if wait_s is None:
            raise error
        connection.patience.sleep(wait_s)


def _stream(connection: Connection, after: str | None) -> Iterator[CaseChange]:
    headers = connection.headers({"Last-Event-ID": after} if after else {})
    timeout = httpx2.Timeout(30.0, read=_SILENCE_S)
    try:
        with connection.http.stream("GET", "/v1/events", headers=headers, timeout=timeout) as response:
            if response.status_code >= 400:
                response.read()
                raise error_of(response)
            yield from changes_in(response.iter_lines())
    except httpx2.TransportError as exc:
        raise NoAnswer(f"The stream broke: {type(exc).__name__}.") from exc


def changes_in(lines: Iterable[str]) -> Iterator[CaseChange]:
    """Read events from the lines of a stream; a cut-off last one is left out."""
    position, data = "", ""
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            position = value
        elif name == "data":
            data += value
        elif not line and data:
            told = json.loads(data)
            at = datetime.fromisoformat(told["at"])
            yield CaseChange(position, told["ticket_id"], told["state"], told["version"], at)
            data = ""
