"""Many tickets as one import, in pieces that may each be sent again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from api.client.connection import Connection
from api.client.values import Import, Json


@dataclass(frozen=True, slots=True)
class BulkSender:
    """Sends lines ``lines_at_once``; the service skips those that it has, so a piece is repeated as often as needed."""

    connection: Connection
    lines_at_once: int

    def send(self, tickets: Iterable[Json | str | bytes]) -> Import:
        """Send everything and close the import; returns how far it is then."""
        told = Import.of(self.connection.send("POST", "/imports").json())
        sent = 0
        for piece, last in _with_last(_pieces(map(_line, tickets), self.lines_at_once)):
            told = self._send(told.id, sent, piece, more=not last)
            sent += len(piece)
        return told

    def _send(self, import_id: str, from_line: int, lines: tuple[bytes, ...], *, more: bool) -> Import:
        params = {"from_line": str(from_line), "more": str(more).lower()}
        headers = {"Content-Type": "application/x-ndjson"}
        path = f"/imports/{import_id}/lines"
        body = b"\n".join(lines)
        return Import.of(self.connection.send("POST", path, params=params, headers=headers, content=body).json())


def _line(ticket: Json | str | bytes) -> bytes:
    if isinstance(ticket, bytes | str):
        return (ticket if isinstance(ticket, bytes) else ticket.encode("utf-8")).strip(b"\r\n")
    return json.dumps(dict(ticket), ensure_ascii=False).encode("utf-8")


def _pieces(lines: Iterable[bytes], size: int) -> Iterator[tuple[bytes, ...]]:
    left = iter(lines)
    return iter(lambda: tuple(islice(left, size)), ())


def _with_last(pieces: Iterable[tuple[bytes, ...]]) -> Iterator[tuple[tuple[bytes, ...], bool]]:
    """Each piece and whether it is the last one; of nothing, one empty piece, so that the import is closed."""
    before: tuple[bytes, ...] = ()
    begun = False
    for piece in pieces:
        if begun:
            yield before, False
        before, begun = piece, True
    yield before, True
