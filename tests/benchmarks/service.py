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
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
from sqlalchemy import text

from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.keys import SqlKeyStore
from triage.bootstrap.system_clock import SystemClock
from triage.domain.access import Role
from triage.domain.api_keys import issue_key

CONNECTIONS = 32
PAGES = 100
KEYS = 200  # each may ask 600 times a minute
SAMPLES = Path(__file__).parents[2] / "triage" / "company" / "samples" / "tickets.jsonl"
Say = Callable[[str], None]


@dataclass
class Service:
    """A served data directory."""

    folder: Path
    port: int
    keys: list[str]
    server: psutil.Process

    def cpu_s(self) -> dict[str, float]:
        """Processor seconds so far by what they were spent in."""
        postgres = _postgres_of(self.folder)
        known = {one.pid for one in postgres}
        answering = [one for one in (self.server, *self.server.children()) if one.pid not in known]
        here = {"postgres": postgres, "load generator": [psutil.Process()], "server": answering}
        return {name: sum(_seconds(one) for one in processes) for name, processes in here.items()}

    def memory_mb(self) -> list[int]:
        """Resident memory of each process of the server, in megabytes."""
        return sorted(one.memory_info().rss // 2**20 for one in (self.server, *self.server.children()))


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"TRIAGE_DATA_DIR": str(folder), "OMP_NUM_THREADS": "1", "TRIAGE_LOG_LEVEL": "WARNING"}


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """A data directory that is deleted afterwards."""
    made = Path(tempfile.mkdtemp(prefix="triage-load-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def served(folder: Path, warm: Path | None, api_processes: int) -> Iterator[Service]:
    """A server over a data directory, without workers; ``warm`` is where models and index are copied from."""
    for part in ("models", "index"):
        if warm and (warm / part).exists() and not (folder / part).exists():
            shutil.copytree(warm / part, folder / part)
    with opened(folder) as database, socket.socket() as probe:
        keys = SqlKeyStore(database.sessions, SystemClock())
        issued = [issue_key("default", f"load {n}", Role.AGENT, SystemClock().now()) for n in range(KEYS)]
        for one in issued:
            keys.add(one.key, actor="benchmark")
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes = ("--workers", "0", "--api-processes", str(api_processes))
    command = [sys.executable, "-m", "triage", "serve", "--port", str(port), *processes]
    with subprocess.Popen(command, env=environment(folder), stderr=subprocess.PIPE) as server:
        try:
            _wait_until_served(server)
            yield Service(folder, port, [one.text for one in issued], psutil.Process(server.pid))
        finally:
            server.terminate()
            server.wait(60)


def _wait_until_served(server: subprocess.Popen[bytes]) -> None:
    """Until the server says where it is, which it does once every process answers; what it says later is read away."""
    assert server.stderr is not None
    for line in server.stderr:
        if b"API: http" in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return
    raise RuntimeError("the server did not start")


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
    return answer_to(connection, request)[0]


def answer_to(connection: socket.socket, request: bytes) -> tuple[int, bytes]:
    """Send a request and read its answer whole: status and body."""
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return int(head[9:12]), body


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


def queue_pages(service: Service, say: Say) -> None:
    """Pages of 50 cases, one after the other, each ten pages deep, as an agent turns them."""
    asked = {
        "all": "",
        "to approve": "&state=pending_approval",
        "to approve, C03": "&state=pending_approval&category=C03",
        "by the date it is due": "&sort=safe_due",
        "newest first": "&sort=-received",
        "found by words": "&text=anna12",
        "found by a rare word": "&text=anna123456",
    }
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        for name, filters in asked.items():
            each, cursor = [], ""
            for number in range(PAGES):
                path = f"/v1/cases?limit=50{filters}" + (f"&cursor={cursor}" if cursor else "")
                key = service.keys[number % KEYS]
                request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
                started = time.perf_counter()
                status, body = answer_to(connection, request)
                each.append((time.perf_counter() - started) * 1000)
                assert status == 200, (status, path)
                cursor = quote((json.loads(body)["next"] or "") if number % 10 < 9 else "")
            p50, p95 = (sorted(each)[int(PAGES * share)] for share in (0.5, 0.95))
            took = f"n={PAGES} p50 {p50:6.1f}  p95 {p95:6.1f} ms   (aim: p95 < 50 ms)"
            say(f"queue page of 50 over HTTP: {name:<31} {took}")


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


def run(n: int, workers: int, api_processes: int, warm: Path | None, say: Say) -> None:
    with fresh_folder() as folder, served(folder, warm, api_processes) as service:
        say(f"triage serve --api-processes {api_processes}: {service.memory_mb()} MB of memory by process")
        intake(service, n, say)
        pipeline(service, workers, say)


def run_queue(folder: Path, api_processes: int, warm: Path | None, say: Say) -> None:
    with served(folder, warm, api_processes) as service:
        queue_pages(service, say)
