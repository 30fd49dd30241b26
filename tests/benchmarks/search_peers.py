"""Our search beside the usual stack: ``python -m tests.benchmarks.search_peers [--set DIR] [--passages 100000]``.

Each system runs in a process of its own, one after the other on the same machine, passages and queries; the peers
with two threads; ours with what its processes use: one thread, and while indexing another for the words. Each indexes
one passage and ranks one query first, as first use loads dictionaries and compiles kernels; then it lets the garbage
collector leave alone what is there, as the service does, and is asked some 300 other questions, as a service that runs
has read the passages and words that are asked for most. Ours is measured
twice: as users search, with floor, quotes and highlights, and „unquoted”, ranking only, as the peers do. Printed:
passages indexed per second, queries per second (of the other questions too: „first”), processor time per query (which
neighbours on the machine disturb less), nDCG@10, resident memory, seconds to the first result of a new process, and
the ratios. ``--throughput`` prints beside it what the whole machine answers with a process of one thread for each
processor, which is another question. With ``--set`` (a folder in BEIR's form) its passages and queries are measured,
and without the sample documents and questions.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import TypedDict

from tests.benchmarks.search_children import child
from tests.benchmarks.search_systems import SYSTEMS, System
from tests.benchmarks.search_throughput import compare_throughput, report_throughput
from tests.benchmarks.search_workload import QUESTION, Workload, many_passages, sample_workload, set_workload
from training.retrieval_metrics import ndcg
from triage.bootstrap.collector import keep_what_is_there

STARTS = 3
OURS = ("ours", "unquoted")
PEERS = ("langchain", "faiss")
#: Of the libraries of linear algebra and the tokenizers. An index of ours is built by two threads of Python.
THREADS = dict.fromkeys(OURS, 1) | dict.fromkeys(PEERS, 2)


class Measured(TypedDict):
    """One system's figures."""

    passages: int
    queries: int
    passages_per_s: float
    first_per_s: float
    queries_per_s: float
    query_p50_ms: float
    query_cpu_ms: float
    ndcg_at_10: float
    rss_mb: float


def rss_mb() -> float:
    """Highest resident memory of this process so far, in MB (10⁶ bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def run_system(name: str, workload: Workload) -> Measured:
    """Index, ask every query, measure."""
    system = SYSTEMS[name]()
    system.index(workload.passages[:1])
    system.rank(QUESTION)
    started = time.perf_counter()
    system.index(workload.passages)
    index_s = time.perf_counter() - started
    keep_what_is_there()  # as a process of the service does when it has started
    _, first = _asked(system, workload.asked_before)
    cpu_before = time.process_time()
    ranked, each = _asked(system, [*workload.queries.values()])
    cpu_s = time.process_time() - cpu_before
    runs = dict(zip(workload.queries, ranked, strict=True))
    return Measured(
        passages=len(workload.passages),
        queries=len(each),
        passages_per_s=round(len(workload.passages) / index_s, 1),
        first_per_s=round(len(first) / sum(first), 1) if first else 0.0,
        queries_per_s=round(len(each) / sum(each), 1),
        query_p50_ms=round(1000 * median(each), 2),
        query_cpu_ms=round(1000 * cpu_s / len(each), 2),
        ndcg_at_10=round(fmean(ndcg(runs[query], workload.qrels[query], 10) for query in runs), 4),
        rss_mb=round(rss_mb()),
    )


def _asked(system: System, queries: Sequence[str]) -> tuple[list[list[str]], list[float]]:
    """What a system finds for each query, and the seconds each takes."""
    found, seconds = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(system.rank(query))
        seconds.append(time.perf_counter() - started)
    return found, seconds


class Start(TypedDict):
    """What a new process takes to its first result."""

    seconds: float
    cpu_s: float


def start_of(*arguments: str, data_dir: Path | None = None) -> Start:
    """Median seconds from starting a process to its end, and the processor time it used."""
    seconds, cpu_s = [], []
    for _ in range(STARTS):
        started, used = time.perf_counter(), _children_cpu_s()
        child(*arguments, data_dir=data_dir)
        seconds.append(time.perf_counter() - started)
        cpu_s.append(_children_cpu_s() - used)
    return Start(seconds=round(median(seconds), 2), cpu_s=round(median(cpu_s), 2))


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cold_starts() -> dict[str, Start]:
    """Seconds for ``triage search`` with an index on disk, and for the peer to load its model and embed one query."""
    embed = "from tests.benchmarks.search_systems import MiniLM; MiniLM().encode(['pralka'])"
    with tempfile.TemporaryDirectory() as folder:
        child("-m", "triage", "index", data_dir=Path(folder))
        ours = start_of("-m", "triage", "search", QUESTION, data_dir=Path(folder))
    return {"ours": ours, "peer": start_of("-c", embed)}


def search_memory(count: int, text: Path | None) -> dict[str, float]:
    """Memory and speed of a process that only searches an index of so many passages."""
    with tempfile.TemporaryDirectory() as folder:
        source = ("--text", str(text)) if text else ()
        module = ("-m", "tests.benchmarks.search_peers")
        child(*module, "--write", folder, "--passages", str(count), *source)
        found: dict[str, float] = json.loads(child("-m", "tests.benchmarks.search_memory", folder))
    return found


def write_many(folder: Path, count: int, text: Path | None) -> None:
    """Write an index of so many passages."""
    from knowledge_base.build import index_passages
    from knowledge_base.store import write_generation
    from knowledge_base.store.records import DocumentRecord
    from triage.adapters.models.static_encoder import StaticEncoder

    encoder = StaticEncoder.load()
    passages = list(many_passages(count, text))
    record = DocumentRecord("made", "made@1", "", 0, count, (), "")
    write_generation(folder, encoder, passages, [record], index_passages(passages, encoder))


def compare(folder: Path | None) -> dict[str, Measured]:
    """All systems on one workload, each in its own process."""
    source = ("--set", str(folder)) if folder else ()
    module = ("-m", "tests.benchmarks.search_peers")
    return {name: json.loads(child(*module, "--system", name, *source, threads=n)) for name, n in THREADS.items()}


def report(measured: dict[str, Measured], starts: dict[str, Start]) -> str:
    """The figures and, for each peer, how many times faster ours is."""
    lines = [f"{'':10}" + "".join(f"{column:>16}" for column in Measured.__annotations__)]
    lines += [f"{name:10}" + "".join(f"{value:>16}" for value in row.values()) for name, row in measured.items()]
    lines += ["two threads index in each system; one answers a query in ours, two in the peers"]
    lines += [_ratios(name, measured[name], peer, measured[peer]) for name in OURS for peer in PEERS]
    lines += [
        f"first result of a new process, {name}: {s['seconds']} s, {s['cpu_s']} s cpu" for name, s in starts.items()
    ]
    return "\n".join(lines)


def _ratios(name: str, ours: Measured, other: str, peer: Measured) -> str:
    """How many times faster one is."""
    return (
        f"{name} against {other}: {ours['queries_per_s'] / peer['queries_per_s']:.0f} × queries/s, "
        f"{peer['query_cpu_ms'] / ours['query_cpu_ms']:.0f} × less processor time a query, "
        f"{ours['passages_per_s'] / peer['passages_per_s']:.0f} × indexing, "
        f"nDCG@10 {ours['ndcg_at_10'] - peer['ndcg_at_10']:+.3f}, "
        f"{ours['rss_mb'] / peer['rss_mb']:.2f} × memory"
    )


def show(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def main() -> None:
    """Compare, or do one child's part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, help="folder in BEIR's form; default: the sample documents and questions")
    parser.add_argument("--passages", type=int, default=100_000, help="for the memory of the search process; 0: skip")
    parser.add_argument("--text", type=Path, help="texts to make those passages of; default: the sample documents")
    parser.add_argument("--throughput", action="store_true", help="the whole machine too: see search_throughput")
    parser.add_argument("--system", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.system:
        workload = set_workload(arguments.set) if arguments.set else sample_workload()
        show(json.dumps(run_system(arguments.system, workload)))
    elif arguments.write:
        write_many(arguments.write, arguments.passages, arguments.text)
    else:
        show(report(compare(arguments.set), cold_starts()))
        if arguments.throughput:
            show(report_throughput(compare_throughput(arguments.set)))
        if arguments.passages:
            show(f"search process: {search_memory(arguments.passages, arguments.text)}")


if __name__ == "__main__":
    main()
