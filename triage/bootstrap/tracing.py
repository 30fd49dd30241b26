"""OpenTelemetry traces to a collector, where a setting names one; the packages are the extra ``telemetry``.

Requests and jobs become spans. What a span says is a closed list: paths and queries hold ids and what people searched
for, so they are cut off before anything leaves the process.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace

from triage.config import Settings
from triage.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

ATTRIBUTES = frozenset(
    {
        "http.request.method", "http.route", "http.response.status_code", "url.scheme", "error.type",
        "network.protocol.version", "triage.job", "triage.attempt",
    }
)  # fmt: skip
_tracer = trace.get_tracer("triage")


def start_tracing(settings: Settings, role: str) -> None:
    """Export this process's spans, if a collector is configured; ``role`` is ``api`` or ``worker``.

    Raises:
        ConfigurationError: a collector is configured, but the extra is not installed.
    """
    if settings.otlp_endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise ConfigurationError(
            ["TRIAGE_OTLP_ENDPOINT: needs the extra: pip install 'after-sales-triage[telemetry]'."]
        ) from None
    trace.set_tracer_provider(provider_over(OTLPSpanExporter(endpoint=settings.otlp_endpoint, timeout=5), role))


def provider_over(exporter: SpanExporter, role: str) -> TracerProvider:
    """A provider that gives ``exporter`` its spans in batches, cut down to what is listed."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Cut(SpanExporter):
        """Passes spans on without attributes that are not listed, events and status texts."""

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return exporter.export([_cut(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

    names = {"service.name": f"triage-{role}", "service.version": importlib.metadata.version("after-sales-triage")}
    provider = TracerProvider(resource=Resource(names))
    provider.add_span_processor(BatchSpanProcessor(Cut()))
    return provider


@contextmanager
def job_span(kind: str) -> Iterator[None]:
    """A span around a job; costs nothing while no collector is configured."""
    with _tracer.start_as_current_span(f"job {kind}", record_exception=False, set_status_on_exception=False) as span:
        span.set_attribute("triage.job", kind)
        try:
            yield
        except Exception as exc:
            span.set_attribute("error.type", type(exc).__name__)
            raise


def _cut(span: ReadableSpan) -> ReadableSpan:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in ATTRIBUTES},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
