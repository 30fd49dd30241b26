"""Processes that are looked after: started again when they are killed, given up when they never work, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from triage.cli.processes import Supervised, running

WORKS = "import sys; print('ready', flush=True); sys.stdin.read()"
REFUSES = "import sys; sys.exit(1)"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", code)


def wait_until(condition: object, what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    return (
        Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    )


def test_a_process_that_is_killed_is_started_again_and_the_others_stay() -> None:
    one, other = Supervised(python(WORKS), reports=True, pause_s=0), Supervised(python(WORKS), reports=True)
    with running([one, other]):
        wait_until(lambda: one.ready.is_set() and other.ready.is_set(), "both started")
        assert one.process is not None
        assert other.process is not None
        killed, stays = one.process.pid, other.process.pid
        os.kill(killed, signal.SIGKILL)
        wait_until(
            lambda: one.process is not None and one.process.pid != killed and one.process.poll() is None, "again"
        )
        assert other.process.pid == stays
        living = [one.process.pid, stays]
        assert all(map(is_alive, living))
    assert not any(map(is_alive, [killed, *living]))


def test_a_process_that_never_becomes_ready_is_not_tried_again() -> None:
    refusing = Supervised(python(REFUSES), reports=True, pause_s=0)
    with running([refusing]):
        wait_until(refusing.never_ready.is_set, "given up")
        assert refusing.process is not None
        assert refusing.process.wait(10) == 1
        assert not refusing.ready.is_set()


def test_one_that_does_not_report_counts_as_ready_and_is_started_again_when_it_ends() -> None:
    ending = Supervised(python(REFUSES), pause_s=0)
    seen: set[int] = set()
    with running([ending]):
        wait_until(lambda: ending.process is not None and (seen.add(ending.process.pid) or len(seen) > 2), "3 starts")


def test_the_process_that_looks_after_the_others_holds_no_model_and_nothing_of_one() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import triage.cli.serve, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(told.stdout.split())
    assert {"triage.cli.serve", "triage.bootstrap.access"} <= loaded
    heavy = {"scipy", "torch", "transformers", "langchain", "sklearn", "onnxruntime", "triage.pipeline"}
    assert not heavy & loaded
