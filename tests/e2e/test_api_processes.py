"""A service of several processes, as people start it: one is killed, rates stay one, a signal ends them all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import pytest

from triage.adapters.storage.database import opened
from triage.adapters.storage.keys import SqlKeyStore
from triage.bootstrap.system_clock import SystemClock
from triage.domain.access import Role
from triage.domain.api_keys import IssuedKey, issue_key

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(600)]
PER_MINUTE, MOST_OF_TENANT = 60, 30


@dataclass
class Service:
    """A served data directory with two processes that answer, and its keys by role."""

    url: str
    process: psutil.Process
    keys: dict[Role, IssuedKey] = field(default_factory=dict)

    def answering(self) -> set[int]:
        return {one.pid for one in self.process.children() if "--part-of" in one.cmdline()}

    def call(self, method: str, path: str, role: Role = Role.AGENT, **options: object) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.keys[role].text}"}
        # a connection of its own for each, so that any process may take it
        return httpx2.request(method, self.url + path, headers=headers, timeout=60, **options)  # type: ignore[arg-type]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    tmp_path.chmod(0o755)
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "p.md").write_text("# Zwroty\n\nTowar zwraca się w 14 dni.\n", encoding="utf-8")
    issued = {role: issue_key("default", role.value, role, SystemClock().now()) for role in (Role.AGENT, Role.ADMIN)}
    with opened(tmp_path) as database, socket.socket() as probe:
        for one in issued.values():
            SqlKeyStore(database.sessions, SystemClock()).add(one.key, actor="test")
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "TRIAGE_DATA_DIR": str(tmp_path),
        "TRIAGE_DOCUMENTS_DIR": str(documents),
        "TRIAGE_LOG_LEVEL": "WARNING",
        "TRIAGE_REQUESTS_PER_MINUTE": str(PER_MINUTE),
    }
    command = [sys.executable, "-m", "triage", "serve", "--port", str(port), "--api-processes", "2", "--workers", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            assert any(b"API: http" in line for line in process.stderr), "it did not start"
            yield Service(f"http://127.0.0.1:{port}", psutil.Process(process.pid), issued)
        finally:
            process.kill()


def wait_until(holds: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_killed_process_is_replaced_and_rates_keys_and_tickets_are_those_of_one_service(service: Service) -> None:
    first = service.answering()
    assert len(first) == 2
    taken_in = [service.call("POST", "/v1/tickets", json={"id": f"T{n}", "text": "Cieknie."}) for n in range(5)]
    os.kill(min(first), signal.SIGKILL)
    # a connection that the killed process had taken may break; one that waits is taken by the other
    taken_in += [service.call("POST", "/v1/tickets", json={"id": f"T{n}", "text": "Cieknie."}) for n in range(5, 15)]
    assert {response.status_code for response in taken_in} == {201}
    wait_until(lambda: len(service.answering() - {min(first)}) == 2)
    for _ in range(30):  # the new one takes requests once it has its models
        time.sleep(0.5)
        assert httpx2.get(f"{service.url}/live", timeout=60).status_code == 200
    reads = (service.call("GET", f"/v1/tickets/T{n % 15}", Role.ADMIN) for n in range(PER_MINUTE + 20))
    told = Counter(response.status_code for response in reads)
    assert set(told) == {200, 429}
    assert PER_MINUTE <= told[200] <= PER_MINUTE + 15  # what flowed back meanwhile
    with_agent = f"/v1/keys/{service.keys[Role.AGENT].key.id}"
    wait_until(lambda: service.call("DELETE", with_agent, Role.ADMIN).status_code == 204)
    time.sleep(2.5)
    assert {service.call("GET", "/v1/tickets/T1").status_code for _ in range(8)} == {401}


def test_streams_of_events_are_bounded_over_all_processes_together(service: Service) -> None:
    headers = {"Authorization": f"Bearer {service.keys[Role.AGENT].text}"}
    told: Counter[int] = Counter()
    with ExitStack() as open_streams:
        for _ in range(2 * MOST_OF_TENANT):
            client = open_streams.enter_context(httpx2.Client(timeout=60))  # a connection of its own for each
            stream = client.stream("GET", f"{service.url}/v1/events", headers=headers)
            told[open_streams.enter_context(stream).status_code] += 1
        by_process = [
            sum(one.status == psutil.CONN_ESTABLISHED for one in psutil.Process(pid).net_connections())
            for pid in service.answering()
        ]
    assert told == {200: MOST_OF_TENANT, 429: MOST_OF_TENANT}
    assert all(by_process), "one process alone would have kept the bound"

    def there_is_room() -> bool:
        with httpx2.stream("GET", f"{service.url}/v1/events", headers=headers, timeout=60) as stream:
            return stream.status_code == 200

    wait_until(there_is_room)


def test_a_signal_ends_every_process_and_none_stays_behind_a_killed_one(service: Service) -> None:
    family = [service.process, *service.process.children(recursive=True)]
    service.process.terminate()
    _, alive = psutil.wait_procs([one for one in family if one.name() != "postgres"], timeout=60)
    assert alive == []


def test_when_the_first_process_is_killed_the_others_end(service: Service) -> None:
    parts = [psutil.Process(pid) for pid in service.answering()]
    service.process.kill()
    _, alive = psutil.wait_procs(parts, timeout=60)
    assert alive == []
