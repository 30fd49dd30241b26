"""A nursery of processes to kill: ``python -m tests.integration.victims DATABASE_URL FOLDER``.

Reads one JSON command a line, forks a child that carries it out on connections of its own, and answers with one JSON
line: whether the child was killed. The child kills itself with SIGKILL at its n-th point; a point lies before and after
every call of a storage port and of every call that moves a reply's bytes. So nothing in the product knows about points,
and counting n = 1, 2, 3 … until a child survives visits them all. With ``"leave": true`` the nursery does not wait for
the child: it answers with its process id, and ``{"reap": true}`` with those that died since.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import sessionmaker

from tests import builders
from tests.fakes.clock import FakeClock, JumpingClock
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.helpdesk.http_endpoint import HttpEndpoint
from triage.adapters.outgoing import Allowed, OutgoingClient, OutgoingLimits
from triage.adapters.storage.codec import to_json
from triage.adapters.storage.jobs import job_app
from triage.adapters.storage.unit_of_work import SqlUnitOfWorkFactory
from triage.adapters.storage.worker import Pace, work
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.privacy import Seal
from triage.domain.ticket import Ticket
from triage.errors import Conflict, StorageUnavailable
from triage.ports import Clock, QueueFilter, ReplySender, UnitOfWork, UnitOfWorkFactory

TENANT = "default"
LEFT: set[int] = set()
"""Children that the nursery did not wait for."""


@dataclass
class Points:
    """Counts the points a process passes; at number ``deadly`` it dies as if by a power cut to this process alone."""

    deadly: int
    trace: Path
    passed: int = 0

    def reach(self, name: str) -> None:
        self.passed += 1
        with self.trace.open("a") as file:
            file.write(f"{name}\n")
        if self.passed == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            self.reach(f"before {name}")
            result = call(*args, **kwargs)
            self.reach(f"after {name}")
            return result

        return called


class Wired:
    """A port whose every call lies between two points."""

    def __init__(self, port: object, name: str, points: Points) -> None:
        self._port, self._name, self._points = port, name, points

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._port, attribute)
        if isinstance(found, str):
            return found
        if callable(found):
            return self._points.around(f"{self._name}.{attribute}", found)
        return Wired(found, attribute, self._points)


@dataclass
class WiredFactory:
    inner: UnitOfWorkFactory
    points: Points

    @contextmanager
    def __call__(self, tenant: str) -> Iterator[UnitOfWork]:
        with self.inner(tenant) as uow:
            yield Wired(uow, "uow", self.points)  # type: ignore[misc]
            self.points.reach("before leaving")


@dataclass
class House:
    """A desk with casework, outbox and clock over one database; in a victim its ports are wired."""

    units_of_work: UnitOfWorkFactory
    outbox: FileOutbox
    url: str
    clock: Clock
    points: Points | None = None

    @classmethod
    def at(cls, url: str, folder: Path, points: Points | None = None, *, other_way: bool = False) -> House:
        """A house; where a clock file lies in the folder its clock jumps, for some processes the other way."""
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True, json_serializer=to_json
        )
        jumping = folder / "clock"
        clock: Clock = JumpingClock(jumping, other_way) if jumping.exists() else FakeClock()
        factory: UnitOfWorkFactory = SqlUnitOfWorkFactory(sessionmaker(engine), clock, job_app(url), Seal(b"victims"))
        outbox = FileOutbox(folder, "Domex Serwis", "serwis@domex.example", clock.now)
        return cls(WiredFactory(factory, points) if points else factory, outbox, url, clock, points)

    @property
    def sender(self) -> ReplySender:
        """What carries replies; in a victim there is a point on either side of it."""
        carrier = self._carrier()
        return Wired(carrier, "sender", self.points) if self.points else carrier  # type: ignore[return-value]

    def _carrier(self) -> ReplySender:
        """The outbox; or, where one runs beside it, a helpdesk by HTTP."""
        port = self.outbox.folder / "helpdesk" / "port"
        if not port.exists():
            return self.outbox
        host = f"127.0.0.1:{port.read_text()}"
        client = OutgoingClient(Allowed(frozenset({host})), OutgoingLimits(total_s=1.0))
        return HttpEndpoint(f"http://{host}/replies", client)

    @property
    def casework(self) -> Casework:
        return Casework(self.units_of_work, self.clock, lambda ticket: False, partial(builders.triaged))

    @property
    def desk(self) -> Desk:
        return Desk(self.units_of_work, self.clock, lambda draft, case, ticket: ())

    def receive(self, ticket_id: str) -> None:
        self.casework.receive(self.ticket(ticket_id))

    def add_message(self, ticket_id: str) -> None:
        self.casework.add_message(TENANT, ticket_id, builders.message("m2", "Ponaglam."))

    def triage(self, ticket_id: str) -> None:
        self.casework.triage(TENANT, ticket_id)

    def approve(self, ticket_id: str) -> None:
        with self.units_of_work(TENANT) as uow:
            case = uow.cases.get(ticket_id)
        assert case.draft is not None
        reading = Reading(case.version, case.draft.digest)
        self.desk.approve(TENANT, ticket_id, actor="key:jan", reading=reading)

    def send(self, ticket_id: str) -> None:
        """What a worker does with a send job."""
        with self.units_of_work(TENANT) as uow:
            approval_id = uow.approvals.of_case(ticket_id)[-1].approval.id
        if self.desk.send(TENANT, approval_id, self.sender) is None:
            self.desk.reconcile(TENANT, approval_id, self.sender)

    def receive_for_ever(self, prefix: str, pause_s: float = 0) -> None:
        """Take tickets in, one after the other, and note each on the list of acknowledged ones."""
        acknowledged = self.outbox.folder / f"{prefix}.acknowledged"
        for number in range(1_000_000):
            try:
                self.casework.receive(self.ticket(f"{prefix}{number}"))
            except StorageUnavailable:
                time.sleep(0.1)
                continue
            with acknowledged.open("a") as file:
                file.write(f"{prefix}{number}\n")
            time.sleep(pause_s)

    def receive_slowly(self, prefix: str) -> None:
        """As much as two workers can do."""
        self.receive_for_ever(prefix, 0.1)

    def approve_for_ever(self, name: str) -> None:
        """Approve whatever waits for it, and note each approval that was acknowledged."""
        approved = self.outbox.folder / f"{name}.approved"
        while True:
            with suppress(StorageUnavailable):
                for case in self._waiting():
                    self._approve_and_note(case, name, approved)
            time.sleep(0.02)

    def _waiting(self) -> tuple[TriageCase, ...]:
        with self.units_of_work(TENANT) as uow:
            return uow.cases.queue(QueueFilter(state=CaseState.PENDING_APPROVAL), limit=5)

    def _approve_and_note(self, case: TriageCase, name: str, approved: Path) -> None:
        assert case.draft is not None
        reading = Reading(case.version, case.draft.digest)
        try:
            granted = self.desk.approve(TENANT, case.ticket_id, actor=f"key:{name}", reading=reading)
        except Conflict:
            return  # somebody else was quicker
        with approved.open("a") as file:
            file.write(f"{granted.id}\n")

    def work_for_ever(self, name: str) -> None:
        """A worker, as quick to miss its fellows as the tests need it."""
        work(self.url, Hands(self), pace=QUICK)

    @staticmethod
    def ticket(ticket_id: str) -> Ticket:
        return builders.ticket(ticket_id)


QUICK = Pace(heartbeat=0.3, stalled_after=1.5, rescue_every=0.4, poll_every=0.2, job_limit=5.0, grace=2.0, pause=0.2)


@dataclass
class Hands:
    """What a worker does, over a house."""

    house: House

    def triage(self, tenant: str, ticket_id: str) -> None:
        self.house.casework.triage(tenant, ticket_id)

    def triage_all(self, tenant: str, ticket_ids: Sequence[str]) -> frozenset[str]:
        return self.house.casework.triage_all(tenant, ticket_ids)

    def send(self, tenant: str, approval_id: str) -> None:
        if self.house.desk.send(tenant, approval_id, self.house.sender) is None:
            self.house.desk.reconcile(tenant, approval_id, self.house.sender)

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        self.house.casework.give_up(tenant, ticket_id, reason)

    def give_up_sending(self, tenant: str, approval_id: str, reason: str) -> None:
        self.house.desk.give_up(tenant, approval_id, reason)


def wire_what_moves_bytes(points: Points) -> None:
    """The outbox's files, and the helpdesk's connection (the database's is not Python's)."""
    for owner, name in ((os, "link"), (os, "fsync"), (socket.socket, "send"), (socket.socket, "recv")):
        setattr(owner, name, points.around(f"{owner.__name__}.{name}", getattr(owner, name)))


def child(url: str, folder: Path, command: dict[str, Any]) -> None:
    points = Points(command.get("deadly", 0), Path(command["trace"]))
    wire_what_moves_bytes(points)
    step = command["step"]
    getattr(House.at(url, folder, points, other_way=step == "work_for_ever"), step)(command["ticket"])


def wait_for_work(listed: Path) -> None:
    """Until the child has something to lose, however slow the machine is."""
    give_up = time.monotonic() + 60
    while not (listed.exists() and listed.stat().st_size) and time.monotonic() < give_up:
        time.sleep(0.005)


def run(url: str, folder: Path, command: dict[str, Any]) -> dict[str, Any]:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child(url, folder, command)
            status = 0
        except BaseException:
            traceback.print_exc()  # nobody above will
        finally:
            os._exit(status)
    if "leave" in command:
        LEFT.add(pid)
        return {"pid": pid}
    if "kill_after_s" in command:
        wait_for_work(Path(command["at_work"]))
        time.sleep(command["kill_after_s"])
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return {"killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "status": status}


def reap() -> dict[str, Any]:
    """Children that died since, and how."""
    dead: dict[int, int] = {}
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            dead[found[0]] = found[1]
    LEFT.difference_update(dead)
    return {"dead": dead}


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    for line in sys.stdin:
        command = json.loads(line)
        answer = reap() if "reap" in command else run(url, folder, command)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in LEFT:  # whatever became of the test, nobody stays behind
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
