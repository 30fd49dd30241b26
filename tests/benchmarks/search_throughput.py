"""Queries a second of the whole machine: ``python -m tests.benchmarks.search_throughput [--set DIR]``.

A service answers many people at once. So each system, ours and the peers, gets as many processes as there are
processors, each with one thread; they answer the same passages' and questions' workload as in ``search_peers``, where
one question is answered after another. All processes begin when the last one has indexed the passages and answered the
other questions; what counts is all their answers over the time from the first beginning to the last end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TypedDict

from tests.benchmarks.search_children import child_environment
from tests.benchmarks.search_systems import SYSTEMS
from tests.benchmarks.search_workload import QUESTION, sample_workload, set_workload
from triage.bootstrap.collector import keep_what_is_there

_READY = "ready"


class Share(TypedDict):
    """What one of the processes did; moments by the machine's steady clock."""

    queries: int
    started: float
    ended: float
    cpu_s: float


class Throughput(TypedDict):
    """What all processes of a system did together."""

    processes: int
    queries_per_s: float
    query_cpu_ms: float


def together(shares: list[Share]) -> Throughput:
    """Sum up what processes did that ran at the same time."""
    queries = sum(share["queries"] for share in shares)
    seconds = max(share["ended"] for share in shares) - min(share["started"] for share in shares)
    return Throughput(
        processes=len(shares),
        queries_per_s=round(queries / seconds, 1),
        query_cpu_ms=round(1000 * sum(share["cpu_s"] for share in shares) / queries, 2),
    )


def answer_share(name: str, folder: Path | None) -> Share:
    """One process: index, say so, wait for a line, answer every question."""
    workload = set_workload(folder) if folder else sample_workload()
    system = SYSTEMS[name]()
    system.index(workload.passages[:1])
    system.rank(QUESTION)
    system.index(workload.passages)
    keep_what_is_there()
    for query in workload.asked_before:
        system.rank(query)
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    sys.stdin.readline()
    started, cpu_before = time.monotonic(), time.process_time()
    for query in workload.queries.values():
        system.rank(query)
    return Share(
        queries=len(workload.queries),
        started=started,
        ended=time.monotonic(),
        cpu_s=time.process_time() - cpu_before,
    )


def throughput_of(name: str, folder: Path | None, processes: int) -> Throughput:
    """What so many processes of one system answer together."""
    command = [sys.executable, "-m", "tests.benchmarks.search_throughput", "--system", name]
    command += ["--set", str(folder)] if folder else []
    environment = child_environment(threads=1)
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)]
    try:
        for process in running:
            if not process.stdout or process.stdout.readline().strip() != _READY:
                raise RuntimeError(f"A process of {name} ended before it could answer; see its output above.")
        for process in running:
            if process.stdin:
                process.stdin.write("\n")
                process.stdin.flush()
        return together([json.loads(process.communicate()[0]) for process in running])
    finally:
        for process in running:
            process.kill()
            process.wait()


def compare_throughput(folder: Path | None) -> dict[str, Throughput]:
    """All systems, one after the other, each with a process for every processor."""
    return {name: throughput_of(name, folder, os.cpu_count() or 1) for name in SYSTEMS}


def report_throughput(measured: dict[str, Throughput]) -> str:
    """The figures, and how many times as many questions ours answer."""
    lines = [
        f"{name:10} {row['queries_per_s']:>10} queries/s by {row['processes']} processes of one thread, "
        f"{row['query_cpu_ms']} ms of processor time a query"
        for name, row in measured.items()
    ]
    ours, peers = ("ours", "unquoted"), ("langchain", "faiss")
    lines += [
        f"{name} against {peer}, the whole machine: "
        f"{measured[name]['queries_per_s'] / measured[peer]['queries_per_s']:.0f} × queries/s"
        for name in ours
        for peer in peers
    ]
    return "\n".join(lines)


def main() -> None:
    """Compare, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, help="folder in BEIR's form; default: the sample documents and questions")
    parser.add_argument("--system", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.system:
        sys.stdout.write(json.dumps(answer_share(arguments.system, arguments.set)) + "\n")
    else:
        sys.stdout.write(report_throughput(compare_throughput(arguments.set)) + "\n")


if __name__ == "__main__":
    main()
