"""OpenTelemetry traces to a collector, where a setting names one; the packages are the extra ``telemetry``.

Requests and jobs become spans. What a span says is a closed list: paths and queries hold ids and what people searched
for, so they are blanked before anything leaves the process.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace

from triage.config import Settings
from triage.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span, TracerProvider
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
    """A provider whose spans are blanked before ``exporter`` gets them in batches."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Blanked(SpanProcessor):
        """Empties every attribute that is not on the list, before any exporter sees the span."""

        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            _blank(span)

        def _on_ending(self, span: Span) -> None:
            _blank(span)

        def on_end(self, span: ReadableSpan) -> None:
            pass

    names = {"service.name": f"triage-{role}", "service.version": importlib.metadata.version("after-sales-triage")}
    provider = TracerProvider(resource=Resource(names))
    provider.add_span_processor(Blanked())
    provider.add_span_processor(BatchSpanProcessor(exporter))
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


def _blank(span: Span) -> None:
    for name in [name for name in span.attributes or {} if name not in ATTRIBUTES]:
        span.set_attribute(name, "")
