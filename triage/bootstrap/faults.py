"""Faults of the settings that only show when several are read together; told all at once, before anything is opened."""

from __future__ import annotations

from importlib.util import find_spec

from triage.adapters.outgoing import Allowed
from triage.bootstrap.people import oidc_faults
from triage.config import Settings
from triage.errors import ConfigurationError, OutgoingRefused


def require_sound(settings: Settings) -> None:
    """Refuse settings that contradict each other.

    Raises:
        ConfigurationError: lists every fault.
    """
    if faults := faults_of(settings):
        raise ConfigurationError(faults)


def faults_of(settings: Settings) -> list[str]:
    """Every fault, one sentence each, with what to do."""
    faults = oidc_faults(settings) if settings.oidc_issuer else []
    called = {"REPLY_URL": settings.reply_url, "OIDC_ISSUER": settings.oidc_issuer}
    urls = {name: (url,) for name, url in called.items() if url} | {"DOCUMENT_URLS": settings.document_urls}
    allowed = Allowed(settings.private_hosts)
    faults += [f"TRIAGE_{name}: {fault}" for name, listed in urls.items() for fault in _refused(allowed, listed)]
    if settings.summariser == "llm" and settings.llm_base_url is None:
        faults.append("TRIAGE_SUMMARISER=llm needs TRIAGE_LLM_BASE_URL and TRIAGE_LLM_MODEL.")
    if settings.otlp_endpoint is not None and find_spec("opentelemetry.exporter") is None:
        faults.append("TRIAGE_OTLP_ENDPOINT: needs the extra: pip install 'after-sales-triage[telemetry]'.")
    return faults


def _refused(allowed: Allowed, urls: tuple[str, ...]) -> list[str]:
    found = []
    for url in urls:
        try:
            allowed.target(url)
        except OutgoingRefused as exc:
            found.append(str(exc))
    return found
