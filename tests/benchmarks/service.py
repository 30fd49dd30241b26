"""The whole service under load: its own server process, real HTTP, the default models, worker processes.

Intake is measured where a sender stands: from the first byte of a request to the last of its answer. The pipeline is
measured from the first to the last case that workers finish, start-up left out; shares say where their time went.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import text

from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.keys import SqlKeyStore
from triage.bootstrap.tools import SystemClock
from triage.domain.access import Role
from triage.domain.api_keys import issue_key

CONNECTIONS = 16
KEYS = 200  # each may ask 600 times a minute
SAMPLES = Path(__file__).parents[2] / "triage" / "company" / "samples" / "tickets.jsonl"
Say = Callable[[str], None]


@dataclass
class Service:
    """A served data directory; ``processes`` are those whose processor time counts."""

    folder: Path
    port: int
    keys: list[str]
    processes: dict[str, list[psutil.Process]] = field(default_factory=dict)

    def cpu_s(self) -> dict[str, float]:
        """Processor seconds so far by what they were spent in."""
        here = {"postgres": _postgres_of(self.folder), "load generator": [psutil.Process()], **self.processes}
        return {name: sum(_seconds(one) for one in processes) for name, processes in here.items()}


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"TRIAGE_DATA_DIR": str(folder), "OMP_NUM_THREADS": "1", "TRIAGE_LOG_LEVEL": "WARNING"}


@contextmanager
def served(warm: Path | None) -> Iterator[Service]:
    """A server over a fresh data directory, without workers; ``warm`` is where models and index are copied from."""
    made = Path(tempfile.mkdtemp(prefix="triage-load-"))
    made.chmod(0o755)
    for part in ("models", "index"):
        if warm and (warm / part).exists():
            shutil.copytree(warm / part, made / part)
    try:
        with opened(made) as database, socket.socket() as probe:
            keys = SqlKeyStore(database.sessions, SystemClock())
            issued = [issue_key("default", f"load {n}", Role.AGENT, SystemClock().now()) for n in range(KEYS)]
            for one in issued:
                keys.add(one.key, actor="benchmark")
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "triage", "serve", "--port", str(port), "--workers", "0"]
        with subprocess.Popen(command, env=environment(made), stderr=subprocess.DEVNULL) as server:
            try:
                _wait_for(port, server)
                yield Service(made, port, [one.text for one in issued], {"server": [psutil.Process(server.pid)]})
            finally:
                server.terminate()
                server.wait(60)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 300
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if server.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError("the server did not start")
        time.sleep(0.2)


def requests_of(service: Service, n: int) -> list[bytes]:
    """Sample tickets under fresh ids, as the bytes of keep-alive requests."""
    samples = [json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines() if line.strip()]
    made = []
    for number in range(n):
        body = json.dumps(samples[number % len(samples)] | {"id": f"L{number:07d}"}, ensure_ascii=False).encode()
        head = (
            f"POST /v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.keys[number % KEYS]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def exchange(connection: socket.socket, request: bytes) -> int:
    """Send a request and read its answer whole; returns the status."""
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return int(head[9:12])


def intake(service: Service, n: int, say: Say) -> None:
    """Every connection sends its next ticket when the one before is acknowledged."""
    prepared, each, statuses = requests_of(service, n), [0.0] * n, Counter[int]()
    lock, before = threading.Lock(), service.cpu_s()

    def send(first: int) -> None:
        found: Counter[int] = Counter()
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            for number in range(first, n, CONNECTIONS):
                started = time.perf_counter()
                found[exchange(connection, prepared[number])] += 1
                each[number] = (time.perf_counter() - started) * 1000
        with lock:
            statuses.update(found)

    threads = [threading.Thread(target=send, args=(first,)) for first in range(CONNECTIONS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed, ordered = time.perf_counter() - started, sorted(each)
    p50, p95, p99 = (ordered[int(n * share)] for share in (0.5, 0.95, 0.99))
    say(
        f"HTTP intake, {CONNECTIONS} connections: n={n} {n / elapsed:.0f}/s acknowledged {dict(statuses)}  "
        f"p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} max {ordered[-1]:.1f} ms   (aim: 500/s, p99 < 250 ms)"
    )
    _say_shares(service, before, n, say)


def pipeline(service: Service, workers: int, say: Say) -> None:
    """Workers take what waits until nothing does."""
    with opened(service.folder) as database:
        before = service.cpu_s()
        command = [sys.executable, "-m", "triage", "worker", "--until-idle"]
        running = [subprocess.Popen(command, env=environment(service.folder)) for _ in range(workers)]
        used = {one.pid: 0.0 for one in running}
        while any(one.poll() is None for one in running):
            for one in running:
                with suppress(psutil.Error):
                    used[one.pid] = max(used[one.pid], _seconds(psutil.Process(one.pid)))
            time.sleep(0.2)
        done, seconds, stages = _what_was_done(database)
    say(f"whole pipeline, {workers} workers, default models: n={done} {done / seconds:.0f}/s sustained (aim: 100/s)")
    total = sum(stages.values())
    told = ", ".join(f"{name} {spent / total:.0%} ({spent / done:.2f} ms)" for name, spent in stages.most_common())
    say(f"  time in stages, share and each: {told}")
    spent_s = {name: value - before.get(name, 0.0) for name, value in service.cpu_s().items()}
    say(
        f"  processor time a ticket: workers {sum(used.values()) / done * 1000:.1f} ms with their start-up, "
        f"stages {total / done:.1f} ms, postgres {spent_s['postgres'] / done * 1000:.1f} ms"
    )


def _what_was_done(database: Database) -> tuple[int, float, Counter[str]]:
    stages: Counter[str] = Counter()
    with database.engine.connect() as connection:
        span = "SELECT count(*), extract(epoch FROM max(at) - min(at)) FROM audit WHERE action = 'triaged'"
        done, seconds = connection.execute(text(span)).one()
        spent = "SELECT key, sum(value::float) FROM case_changes, jsonb_each_text(measures -> 'stages_ms') GROUP BY key"
        stages.update({name: float(ms) for name, ms in connection.execute(text(spent))})
    return int(done), float(seconds or 1), stages


def _say_shares(service: Service, before: dict[str, float], n: int, say: Say) -> None:
    spent = {name: value - before[name] for name, value in service.cpu_s().items()}
    total = sum(spent.values())
    told = ", ".join(f"{name} {value / total:.0%} ({value / n * 1000:.2f} ms)" for name, value in spent.items())
    say(f"  processor time, share and a ticket: {told}")


def _postgres_of(folder: Path) -> list[psutil.Process]:
    lines = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    master = psutil.Process(int(lines[0]))
    return [master, *master.children()]


def _seconds(process: psutil.Process) -> float:
    """Processor time of a process, and of the children it has buried."""
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def run(n: int, workers: int, warm: Path | None, say: Say) -> None:
    with served(warm) as service:
        intake(service, n, say)
        pipeline(service, workers, say)
