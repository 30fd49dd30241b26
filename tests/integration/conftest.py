from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
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
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"step": step, "ticket": ticket, "trace": str(trace), **command}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer["killed"]:
            self.kills += 1
            self.points.add(f"{step}: {(trace.read_text().splitlines() or ['at random'])[-1]}")
        else:
            assert answer["status"] == 0, f"{step} failed by itself: {answer}"
        return bool(answer["killed"])


@pytest.fixture
def nursery(database: Database, tmp_path: Path) -> Iterator[Nursery]:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
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
