"""Redaction costs a process little to start and a ticket little to pass."""

from __future__ import annotations

import statistics
import subprocess
import sys

import pytest

from training.evaluate_redaction import FIRST_TEXT, measure
from training.redaction_tickets import make_tickets

pytestmark = pytest.mark.benchmark

_CPU = "import resource; u = resource.getrusage(resource.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)"


def cpu_seconds(code: str) -> float:
    """CPU time of a process of its own, the best of five: other work on the machine only ever adds."""
    command = [sys.executable, "-c", f"{code}\n{_CPU}"]
    return min(float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(5))


def test_a_start_with_its_first_text_costs_at_most_three_tenths_of_a_second() -> None:
    assert cpu_seconds(FIRST_TEXT) - cpu_seconds("pass") <= 0.3


def test_a_ticket_costs_at_most_two_milliseconds() -> None:
    outcome = measure(make_tickets(seed=7, spans=1000))
    assert statistics.median(outcome.milliseconds) <= 2.0
