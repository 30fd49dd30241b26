"""Prometheus metrics of the whole service, read from the database: one endpoint shows what all workers did.

Labels are names of states, stages and queues: a closed set. There is no text, id or tenant in them. What happened is
counted from the change feed at every scrape, beginning where this process began; what waits is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from triage.adapters.storage.measurements import BATCH, Measured, SqlMeasurements, Waiting
from triage.domain.case import CaseState
from triage.domain.outbound import ChangePosition

STAGES = frozenset(
    {"redact", "classify", "extract", "deadline", "rights", "urgency", "retrieve", "draft", "lint", "summarise"}
)
_STAGE_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_TENTHS = tuple(step / 10 for step in range(1, 11))
_DISTANCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


@dataclass(slots=True)
class Instruments:
    """Counters and histograms of what happened."""

    registry: CollectorRegistry
    changes: Counter = field(init=False)
    triaged: Counter = field(init=False)
    degraded: Counter = field(init=False)
    stage_s: Histogram = field(init=False)
    probability: Histogram = field(init=False)
    edit_distance: Histogram = field(init=False)

    def __post_init__(self) -> None:
        into = self.registry
        self.changes = Counter("triage_case_changes", "Changes of cases by new state", ["state"], registry=into)
        self.triaged = Counter("triage_tickets_triaged", "Triages by what they came to", ["outcome"], registry=into)
        self.degraded = Counter("triage_degraded", "Triages in which something worked less well", registry=into)
        self.stage_s = Histogram("triage_stage_seconds", "Time of a stage", ["stage"], buckets=_STAGE_S, registry=into)
        self.probability = Histogram(
            "triage_model_probability",
            "Calibrated probability of the category",
            buckets=_TENTHS,
            registry=into,
        )
        self.edit_distance = Histogram(
            "triage_edit_distance", "Share of a draft's words a person changed", buckets=_DISTANCES, registry=into
        )
        for state in CaseState:
            self.changes.labels(state.value)
        for outcome in ("tagged", "abstained", "failed"):
            self.triaged.labels(outcome)

    def count(self, measured: Measured) -> None:
        """Count one change."""
        self.changes.labels(measured.state).inc()
        if measured.edit_distance is not None:
            self.edit_distance.observe(measured.edit_distance)
        if measured.measures is not None:
            self._triage(dict(measured.measures))

    def _triage(self, measures: dict[str, object]) -> None:
        failed = bool(measures.get("failed_stage"))
        outcome = "failed" if failed else "abstained" if measures.get("abstained") else "tagged"
        self.triaged.labels(outcome).inc()
        if measures.get("degraded"):
            self.degraded.inc()
        probability = measures.get("probability")
        if isinstance(probability, int | float):
            self.probability.observe(probability)
        stages = measures.get("stages_ms")
        for stage, milliseconds in stages.items() if isinstance(stages, dict) else ():
            self.stage_s.labels(stage if stage in STAGES else "other").observe(milliseconds / 1000)


@dataclass(slots=True, eq=False)  # a registry keeps it by identity
class WaitingNow(Collector):
    """Gauges of what waits, asked for at every scrape."""

    measurements: SqlMeasurements

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Jobs, cases, replies and deliveries that wait."""
        jobs, cases = self.measurements.jobs(), self.measurements.open_cases()
        yield _gauge("triage_jobs", "Jobs by queue and status", ["queue", "status"], jobs)
        yield _age("triage_oldest_job_seconds", "Age of the first job of a queue", ["queue", "status"], jobs)
        yield _gauge("triage_cases", "Cases that are not over, by state", ["state"], cases)
        yield _age("triage_oldest_case_seconds", "Time since the oldest of them changed", ["state"], cases)
        put_off = Waiting((), self.measurements.put_off().replies, 0.0)
        yield _gauge("triage_replies_put_off", "Replies that did not leave and are tried again", [], (put_off,))
        resting = Waiting((), sum(map(len, self.measurements.pauses().values())), 0.0)
        yield _gauge("triage_sending_pauses", "Ways out of tenants by which nothing is tried now", [], (resting,))
        yield _gauge("triage_webhook_deliveries", "Deliveries not made", ["status"], self.measurements.webhooks())


@dataclass(slots=True)
class ServiceMetrics:
    """Everything `/metrics` shows."""

    measurements: SqlMeasurements
    position: ChangePosition
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    instruments: Instruments = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.instruments = Instruments(self.registry)
        self.registry.register(WaitingNow(self.measurements))

    def render(self) -> bytes:
        """Catch up with the change feed and print everything in Prometheus' text format."""
        with self._lock:
            self._catch_up()
            return generate_latest(self.registry)

    def _catch_up(self) -> None:
        while True:
            changes = self.measurements.since(self.position)
            for measured in changes:
                self.instruments.count(measured)
                self.position = measured.position
            if len(changes) < BATCH:
                return


def _gauge(name: str, meaning: str, labels: list[str], waiting: tuple[Waiting, ...]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for one in waiting:
        family.add_metric(one.place, one.count)
    return family


def _age(name: str, meaning: str, labels: list[str], waiting: tuple[Waiting, ...]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for one in waiting:
        family.add_metric(one.place, one.oldest_s)
    return family
