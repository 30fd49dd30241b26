from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.victims import House
from triage.adapters.storage.database import Database


@dataclass
class Nursery:
    """Runs steps in processes that die; ``points`` collects the names of all points at which one died."""

    process: subprocess.Popen[str]
    folder: Path
    house: House
    kills: int = 0
    points: set[str] = field(default_factory=set)

    def run(self, step: str, ticket: str, **command: Any) -> bool:
        """Carry a step out in a process of its own; whether it was killed."""
        trace = self.folder / "trace"
        trace.write_text("")
        answer = self._ask({"step": step, "ticket": ticket, "trace": str(trace), **command})
        if answer["killed"]:
            self.kills += 1
            self.points.add(f"{step}: {(trace.read_text().splitlines() or ['at random'])[-1]}")
        else:
            assert answer["status"] == 0, f"{step} failed by itself: {answer}"
        return bool(answer["killed"])

    def leave(self, step: str, name: str, trace: Path, deadly: int = 0) -> int:
        """Begin a step that goes on until it dies; its process id."""
        trace.write_text("")
        command = {"step": step, "ticket": name, "trace": str(trace), "deadly": deadly, "leave": True}
        return int(self._ask(command)["pid"])

    def died(self) -> dict[int, int]:
        """Process id and status of those that died since."""
        return {int(pid): status for pid, status in self._ask({"reap": True})["dead"].items()}

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


@pytest.fixture
def nursery(database: Database, tmp_path: Path) -> Iterator[Nursery]:
    with nursery_over(database, tmp_path) as opened:
        yield opened


@contextmanager
def nursery_over(database: Database, tmp_path: Path) -> Iterator[Nursery]:
    """A nursery whose processes work on ``database`` and send to ``tmp_path/outbox``."""
    outbox = tmp_path / "outbox"
    outbox.mkdir(exist_ok=True)
    command = [sys.executable, "-W", "ignore", "-m", "tests.integration.victims", database.url, str(outbox)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    house = House.at(database.url, outbox)
    try:
        yield Nursery(process, tmp_path, house)
    finally:
        house.units_of_work.sessions.kw["bind"].dispose()  # type: ignore[attr-defined]
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()
