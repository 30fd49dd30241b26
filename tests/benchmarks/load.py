"""How much the service and its storage carry: ``python -m tests.benchmarks.load``.

First the whole service (:mod:`tests.benchmarks.service`), then its storage alone, on an embedded PostgreSQL of its own
with production settings (fsync on), in a folder that is deleted afterwards.
Every figure is printed with its number of trials; percentiles are of single operations, ``cpu`` is the processor time
of program and server together in milliseconds an item: 2 cores carry 2000 / cpu items a second at most.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import text

from tests import builders
from tests.benchmarks import service
from tests.fakes.clock import FakeClock
from triage.adapters.storage.codec import case_from_document, case_to_row
from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.tasks import TAKING_OPTIONS
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.priority import UrgencyLevel
from triage.domain.ticket import Ticket
from triage.ports import QueueFilter

_FOLDER: list[str] = []
_INDEXES = """SELECT indexname, indexdef FROM pg_indexes
               WHERE tablename IN ('tickets', 'cases') AND indexdef NOT LIKE 'CREATE UNIQUE%'"""
PAGE = " ".join(f"{number}. {builders.COMPLAINT}" for number in range(25))[:1100]
MAIL = builders.message("m1", (builders.COMPLAINT + "\n") * 12)  # about 1.1 kB, a usual complaint


@dataclass(frozen=True)
class Figure:
    what: str
    n: int
    seconds: float
    each_ms: list[float]
    cpu_ms: float

    def __str__(self) -> str:
        ordered = sorted(self.each_ms)
        p50, p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.95, 0.99))
        return (
            f"{self.what:<58} n={self.n:<8} {self.n / self.seconds:>8.0f}/s  cpu {self.cpu_ms:6.2f}  "
            f"p50 {p50:7.2f}  p95 {p95:7.2f}  p99 {p99:7.2f}  max {ordered[-1]:7.1f} ms"
        )


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(what: str, n: int, step: Callable[[int], object], *, threads: int = 1, items_per_step: int = 1) -> Figure:
    """Run ``step(0) … step(n - 1)`` on some threads and time every one."""
    each: list[float] = [0.0] * n

    def timed(number: int) -> None:
        started = time.perf_counter()
        step(number)
        each[number] = (time.perf_counter() - started) * 1000

    started, cpu = time.perf_counter(), cpu_seconds()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(timed, range(n)))
    elapsed, items = time.perf_counter() - started, n * items_per_step
    figure = Figure(what, items, elapsed, each, (cpu_seconds() - cpu) / items * 1000)
    say(str(figure))
    return figure


def cpu_seconds() -> float:
    """Processor time of this process and of every PostgreSQL process of its server: what neighbours cannot disturb."""
    server = [process for process in psutil.process_iter(["name"]) if process.info["name"] == "postgres"]
    total = 0.0
    mine = (process for process in server if _FOLDER and _FOLDER[0] in _command(process))
    for process in (psutil.Process(), *mine):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline() + (process.parent().cmdline() if process.parent() else []))
    return ""


def tickets(prefix: str, n: int) -> list[Ticket]:
    return [builders.ticket(f"{prefix}{number:07d}", replace(MAIL, id=f"m{number}")) for number in range(n)]


def casework(database: Database) -> Casework:
    clock = FakeClock()
    return Casework(database.units_of_work(clock), clock, lambda ticket: False, builders.triaged)


def intake(database: Database, n: int) -> None:
    desk, fresh = casework(database), tickets("one", n)
    for threads in (1, 4, 16):
        part = fresh[threads * n // 32 : threads * n // 32 + n // 4]
        measure(
            f"intake, one ticket a transaction, {threads} threads",
            len(part),
            lambda i, part=part: desk.receive(part[i]),
            threads=threads,
        )
    bulk = tickets("bulk", n * 2)
    batches = [bulk[start : start + 500] for start in range(0, len(bulk), 500)]
    measure(
        "intake, 500 tickets a transaction", len(batches), lambda i: desk.receive_all(batches[i]), items_per_step=500
    )


def triage(database: Database, n: int) -> None:
    desk = casework(database)
    for threads in (1, 4):
        fresh = tickets(f"triage{threads}-", n)
        desk.receive_all(fresh)
        measure(
            f"triage without its models: read, write, audit; {threads} threads",
            n,
            lambda i, fresh=fresh: desk.triage("default", fresh[i].id),
            threads=threads,
        )


def taking_jobs(database: Database, n: int) -> None:
    own = threading.local()

    def connection() -> psycopg.Connection:
        if not hasattr(own, "it"):
            own.it = psycopg.connect(database.url, options=TAKING_OPTIONS, autocommit=True)
        return own.it

    waiting = connection().execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'").fetchone()

    def step(number: int) -> None:
        job = (
            connection().execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['triage', 'send'], NULL)").fetchone()
        )
        connection().execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", job)

    measure(f"take and finish a job, {waiting[0] if waiting else 0} waiting, 4 threads", n, step, threads=4)


def codec(n: int) -> None:
    case = builders.triaged(builders.ticket(), builders.received())
    document = json.loads(case_to_row(case)["document"])
    measure("a case to its row", n, lambda i: case_to_row(case))
    measure("a document to its case", n, lambda i: case_from_document(document))


def fill(database: Database, n: int) -> None:
    """``n`` cases by SQL, in the proportions of a desk that has worked for years: most are sent, few are open.

    What is open has the size of a case with its passages, letter and summary (17 kB); the indexes are made afterwards.
    """
    case: TriageCase = builders.triaged(builders.ticket(), builders.received())
    long = tuple(replace(one, passage=replace(one.passage, text=PAGE)) for one in case.passages[:1]) * 5
    documents = {
        "document": case_to_row(case)["document"],
        "open_document": case_to_row(replace(case, passages=long))["document"],
    }
    statements = (
        """INSERT INTO tickets SELECT 'default', 'Q' || i, 'Reklamacja', 'email', 'Anna', 'anna' || i || '@example.pl',
             now() - make_interval(secs => i), 1, NULL, '{}' FROM generate_series(1, :n) i""",
        """INSERT INTO cases SELECT 'default', 'Q' || i,
             CASE WHEN i % 50 = 0 THEN 'pending_approval' WHEN i % 997 = 0 THEN 'needs_attention' ELSE 'sent' END,
             3, 1, now(), 'C' || lpad((1 + i % 18)::text, 2, '0'), 'P' || (1 + i % 4), DATE '2024-01-01' + (i % 1100),
             jsonb_set(CASE WHEN i % 50 = 0 THEN CAST(:open_document AS jsonb) ELSE CAST(:document AS jsonb) END,
                       '{ticket_id}', to_jsonb('Q' || i)) FROM generate_series(1, :n) i""",
    )
    started = time.perf_counter()
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL session_replication_role = replica"))
        indexes = connection.execute(text(_INDEXES)).all()
        for name, _ in indexes:
            connection.execute(text(f"DROP INDEX {name}"))
        for statement in statements:
            parameters = {"n": n, **documents}
            used = {key: value for key, value in parameters.items() if f":{key}" in statement}
            connection.execute(text(statement), used)
        for _, definition in indexes:
            connection.exec_driver_sql(definition)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE tickets"))
        connection.execute(text("VACUUM ANALYZE cases"))
    say(f"filled {n} cases in {time.perf_counter() - started:.0f} s")


def queue_pages(database: Database, n: int) -> None:
    units_of_work = database.units_of_work(FakeClock())
    asked = {
        "all": QueueFilter(),
        "to approve": QueueFilter(state=CaseState.PENDING_APPROVAL),
        "to approve, C03": QueueFilter(state=CaseState.PENDING_APPROVAL, category="C03"),
        "one category": QueueFilter(category="C07"),
        "P2": QueueFilter(level=UrgencyLevel.P2),
        "to approve, due": QueueFilter(state=CaseState.PENDING_APPROVAL, safe_due_before=builders.START.date()),
        "a category with nothing in it": QueueFilter(state=CaseState.NEEDS_ATTENTION, category="C99"),
    }
    for name, filters in asked.items():
        last: list[str | None] = [None]

        def page(number: int, filters: QueueFilter = filters, last: list[str | None] = last) -> None:
            with units_of_work("default") as uow:
                cases = uow.cases.queue(filters, limit=50, after=last[0])
            last[0] = cases[-1].ticket_id if cases else None

        measure(f"queue page of 50: {name}", n, page)


@contextmanager
def own_folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with service.fresh_folder() as made:
        yield made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases stored before the queue is read")
    parser.add_argument("--tickets", type=int, default=4_000, help="tickets of each intake measurement")
    parser.add_argument("--folder", type=Path, help="keep the database here")
    parser.add_argument("--only", nargs="*", default=["service", "codec", "intake", "triage", "jobs", "queue"])
    parser.add_argument("--api-processes", type=int, default=2, help="processes of the server")
    parser.add_argument("--workers", type=int, default=2, help="worker processes of the pipeline measurement")
    parser.add_argument("--warm", type=Path, default=Path("var"), help="data directory with models and index to copy")
    options = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    say(f"{platform.platform()}, {os.cpu_count()} cores, load {load}")
    if "service" in options.only:
        service.run(options.tickets, options.workers, options.api_processes, options.warm, say)
    with own_folder(options.folder) as folder, opened(folder) as database:
        _FOLDER.append(str(database.server.data_dir) if database.server else "")
        if "codec" in options.only:
            codec(2000)
        if "intake" in options.only:
            intake(database, options.tickets)
        if "triage" in options.only:
            triage(database, options.tickets // 4)
        if "jobs" in options.only:
            taking_jobs(database, options.tickets // 4)
        if "queue" in options.only:
            fill(database, options.cases)
            queue_pages(database, 200)
            service.run_queue(folder, options.api_processes, options.warm, say)


if __name__ == "__main__":
    main()
