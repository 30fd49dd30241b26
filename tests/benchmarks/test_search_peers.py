"""What search promises about speed and memory, beside the usual stack; run with ``pytest -m benchmark``."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.benchmarks.search_peers import Measured, Start, cold_starts, compare, report, search_memory
from tests.benchmarks.search_systems import SYSTEMS
from tests.benchmarks.search_throughput import Share, report_throughput, together
from tests.benchmarks.search_workload import Workload, many_passages, sample_workload


@pytest.fixture(scope="module")
def measured() -> dict[str, Measured]:
    return compare(None)


def test_every_sample_question_has_a_passage_that_answers() -> None:
    workload = sample_workload()
    assert all(workload.qrels[query] for query in workload.queries)
    assert max(Counter(passage.id for passage in workload.passages).values()) == 1


def test_made_passages_are_the_same_every_time() -> None:
    assert list(many_passages(3, None)) == list(many_passages(3, None))


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("peer", ["langchain", "faiss"])
def test_is_faster_than_the_peer_and_finds_more(measured: dict[str, Measured], peer: str) -> None:
    ours, other = measured["ours"], measured[peer]
    assert ours["queries_per_s"] >= 20 * other["queries_per_s"]
    assert ours["passages_per_s"] >= 50 * other["passages_per_s"]
    assert ours["ndcg_at_10"] > other["ndcg_at_10"]


@pytest.mark.benchmark
def test_a_new_process_answers_within_a_second_and_a_half() -> None:
    assert cold_starts()["ours"]["seconds"] < 1.5


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
def test_a_search_process_over_100_000_passages_stays_below_250_mb() -> None:
    assert search_memory(100_000, None)["rss_mb"] < 250


def test_ratios_are_ours_to_theirs() -> None:
    def figures(factor: float) -> Measured:
        return Measured(
            passages=10,
            queries=5,
            passages_per_s=100 * factor,
            first_per_s=5 * factor,
            queries_per_s=10 * factor,
            query_p50_ms=1.0,
            query_cpu_ms=60 / factor,
            ndcg_at_10=0.5,
            rss_mb=100,
        )

    measured = {"ours": figures(30), "unquoted": figures(60), "langchain": figures(1), "faiss": figures(3)}
    lines = report(measured, {"ours": Start(seconds=0.5, cpu_s=0.4)})
    assert (
        "ours against langchain: 30 × queries/s, 30 × less processor time a query, 30 × indexing, nDCG@10 +0.000"
        in lines
    )
    assert "unquoted against faiss: 20 × queries/s" in lines
    assert "first result of a new process, ours: 0.5 s, 0.4 s cpu" in lines


@pytest.mark.benchmark
@pytest.mark.parametrize("name", list(SYSTEMS))
def test_every_system_finds_a_passage_by_its_own_words(name: str) -> None:
    passages: Workload = sample_workload()
    system = SYSTEMS[name]()
    system.index(passages.passages[:50])
    wanted = passages.passages[7]
    assert wanted.id in system.rank(wanted.text[:200])


def test_processes_that_run_together_answer_from_the_first_beginning_to_the_last_end() -> None:
    shares = [
        Share(queries=30, started=10.0, ended=12.0, cpu_s=1.5),
        Share(queries=30, started=10.5, ended=13.0, cpu_s=2.1),
    ]
    ours = together(shares)
    assert ours == {"processes": 2, "queries_per_s": 20.0, "query_cpu_ms": 60.0}
    slower = {**ours, "queries_per_s": 2.5}
    lines = report_throughput({"ours": ours, "unquoted": ours, "langchain": slower, "faiss": ours})  # type: ignore[dict-item]
    assert "ours against langchain, the whole machine: 8 × queries/s" in lines
    assert "unquoted against faiss, the whole machine: 1 × queries/s" in lines
