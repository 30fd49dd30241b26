"""A helpdesk as a process of its own: ``python -m tests.fakes.helpdesk FOLDER``.

Writes its port to ``FOLDER/port`` and what customers got, one JSON line each, to the append-only ``FOLDER/ledger``: the
oracle. It knows no idempotency, so whoever sends twice is found out. How it answers is a line in ``FOLDER/mood``, or,
where that says ``storm``, another one of :data:`STORM` for each request.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

STORM = ("fair",) * 4 + (
    "500",
    "kept_500",
    "503",
    "429",
    "422",
    "garbage",
    "kept_garbage",
    "never",
    "kept_never",
    "reset",
)
AT = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


class Helpdesk(BaseHTTPRequestHandler):
    """One request, answered by the mood of the moment."""

    folder: Path
    chance = random.Random(4711)

    def do_POST(self) -> None:
        """A reply: kept where the mood keeps it, whatever is answered then."""
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message |= {"key": self.headers["Idempotency-Key"], "authorization": self.headers["Authorization"]}
        mood = self._mood()
        if mood == "fair" or mood.startswith("kept_"):
            with (self.folder / "ledger").open("a") as ledger:
                fcntl.flock(ledger, fcntl.LOCK_EX)
                ledger.write(json.dumps(message) + "\n")
        self._answer(mood.removeprefix("kept_"), message["id"])

    def do_GET(self) -> None:
        """Read back: what the ledger says, unless the mood is bad."""
        approval = self.path.rpartition("/")[2]
        mood = self._mood().removeprefix("kept_")
        known = any(one["id"] == approval for one in ledger_of(self.folder))
        self._answer("404" if mood in ("fair", "422") and not known else mood, approval)

    def _mood(self) -> str:
        mood = (self.folder / "mood").read_text().strip()
        return self.chance.choice(STORM) if mood == "storm" else mood

    def _answer(self, mood: str, approval: str) -> None:
        match mood:
            case "never":
                time.sleep(30)
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            case "garbage":
                self._send(200, b"<html>Please log in</html>")
            case "other":
                self._send(200, _told("apr_other"))
            case "fair":
                self._send(201, _told(approval))
            case status:
                self._send(int(status), b"{}")

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/latest/")
        if status == 429:
            self.send_header("Retry-After", "3600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _told(approval: str) -> bytes:
    return json.dumps({"id": approval, "reference": f"hd-{approval}", "delivered_at": AT.isoformat()}).encode()


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    """What customers got."""
    path = folder / "ledger"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to tell about."""


def main() -> None:
    """Serve until killed."""
    Helpdesk.folder = Path(sys.argv[1])
    server = _Server(("127.0.0.1", 0), Helpdesk)
    named = Helpdesk.folder / "port.new"
    named.write_text(str(server.server_address[1]))
    named.rename(Helpdesk.folder / "port")
    server.serve_forever()


@dataclass
class RunningHelpdesk:
    """A started one, from outside."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/replies"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return ledger_of(self.folder)

    def be(self, mood: str) -> None:
        """Change the mood, for the next request on."""
        new = self.folder / "mood.new"
        new.write_text(mood)
        new.rename(self.folder / "mood")


@contextmanager
def started(folder: Path, mood: str = "fair") -> Iterator[RunningHelpdesk]:
    """A helpdesk for the length of a ``with`` block."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mood").write_text(mood)
    command = [sys.executable, "-m", "tests.fakes.helpdesk", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONWARNINGS": "ignore"})
    try:
        give_up = time.monotonic() + 60
        while not (folder / "port").exists():
            assert time.monotonic() < give_up, "the helpdesk did not start"
            time.sleep(0.02)
        yield RunningHelpdesk(folder, int((folder / "port").read_text()))
    finally:
        process.kill()
        process.wait(timeout=10)


if __name__ == "__main__":
    main()
