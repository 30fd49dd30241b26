"""What is timed is what was asked: all texts in one go, and some of them alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from training import benchmark_speed
from training.benchmark_speed import measured


def test_the_slowest_twentieth_and_the_processor_are_told_beside_the_median(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(benchmark_speed.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(benchmark_speed.time, "process_time", lambda: clock[0] / 2)
    texts = ["krótki"] * 90 + ["długi"] * 10

    def read_all(every: Sequence[str]) -> float:
        clock[0] += 0.5
        return 0.4

    def read_one(part: Sequence[str]) -> None:
        clock[0] += 0.004 if part == ["krótki"] else 0.020

    speed = measured("x", read_all, read_one, texts)
    assert (speed.n, speed.per_second, speed.cpu_ms) == (100, 200.0, 4.0)
    assert (speed.single_p50_ms, speed.single_p95_ms, speed.single_cpu_ms) == (4.0, 20.0, 2.0)
