"""``triage doctor``: what is configured, what is degraded, and how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from knowledge_base import kernels
from knowledge_base.errors import KnowledgeBaseError
from triage.adapters.company import load_company
from triage.adapters.storage.database import opened
from triage.adapters.storage.measurements import SqlMeasurements
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.faults import require_sound
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.sending import http_sender
from triage.bootstrap.tools import load_law, load_tools
from triage.config import Settings, load_settings
from triage.errors import DeliveryUnknown, TriageError

console = Console()

MIN_FREE_BYTES = 1_000_000_000
OLDEST_JOB_S = 600.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: ``ok``, ``degraded`` (works, but less well) or ``broken``."""

    name: str
    state: str
    detail: str


def doctor(
    settings_only: Annotated[bool, typer.Option("--settings", help="List every setting and its value.")] = False,
) -> None:
    """Check settings, data, models, index, database and disk; exit status 1 when something is broken."""
    settings = load_settings()
    if settings_only:
        console.print(_settings_table(settings))
        return
    table = Table("what", "state", "detail")
    broken = False
    for check in _checks(settings):
        style = {"ok": "green", "degraded": "yellow", "broken": "red"}[check.state]
        table.add_row(check.name, f"[{style}]{check.state}[/]", check.detail)
        broken |= check.state == "broken"
    console.print(table)
    if broken:
        raise typer.Exit(1)


def _settings_table(settings: Settings) -> Table:
    table = Table("variable", "value", "meaning")
    for name, declared in Settings.model_fields.items():
        table.add_row(f"TRIAGE_{name.upper()}", str(getattr(settings, name)), declared.description or "")
    return table


def _checks(settings: Settings) -> Iterator[Check]:
    probes: dict[str, Callable[[Settings], Check]] = {
        "settings": _settings,
        "company data": _company,
        "rule tables": _rules,
        "encoder": _encoder,
        "knowledge base": _knowledge,
        "classifier": _classifier,
        "database": _database,
        "jobs": _jobs,
        "webhooks": _webhooks,
        "replies": _replies,
        "keys": _keys,
        "metrics": _metrics,
        "traces": _traces,
        "disk": _disk,
        "language model": _language_model,
    }
    for name, probe in probes.items():
        try:
            yield probe(settings)
        except (TriageError, KnowledgeBaseError, OSError) as exc:
            yield Check(name, "broken", str(exc))


def _settings(settings: Settings) -> Check:
    require_sound(settings)
    return Check("settings", "ok", "fit together; `triage doctor --settings` lists them")


def _company(settings: Settings) -> Check:
    company = load_company(settings.company_dir)
    return Check("company data", "ok", f"{company.name}: {len(company.taxonomy.categories)} categories, "
                 f"{len(company.templates)} reply templates, {len(company.house_rules)} house rules")  # fmt: skip


def _rules(settings: Settings) -> Check:
    law = load_law()
    return Check("rule tables", "ok", f"version {law.version}")


def _encoder(settings: Settings) -> Check:
    chosen = load_encoder(settings)
    return Check("encoder", "degraded" if chosen.degraded else "ok", chosen.degraded or chosen.encoder.name)


def _knowledge(settings: Settings) -> Check:
    knowledge = Knowledge.open(settings, load_encoder(settings).encoder)
    named = f", order by {knowledge.reranker.name}" if knowledge.reranker else ""
    loops = (
        ""
        if kernels.COMPILED
        else ", search without compiled loops: with a C compiler, `pip install -e .` makes it faster"
    )
    detail = knowledge.degraded or f"generation {knowledge.generation}{named}{loops}"
    return Check("knowledge base", "degraded" if knowledge.degraded else "ok", detail)


def _database(settings: Settings) -> Check:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url):
        return Check("database", "ok", "configured server" if url else f"embedded in {settings.data_dir / 'postgres'}")


def _classifier(settings: Settings) -> Check:
    classifier = load_tools(settings).classifier
    return Check("classifier", "ok", f"{classifier.name}, ready")


def _jobs(settings: Settings) -> Check:
    with _measured(settings) as measurements:
        waiting = {one.place[1]: one.count for one in measurements.jobs() if one.place[0] in ("triage", "send")}
        oldest = max((one.oldest_s for one in measurements.jobs() if one.place[1] == "todo"), default=0.0)
    told = f"{waiting.get('todo', 0)} wait, {waiting.get('failed', 0)} given up"
    if waiting.get("failed"):
        return Check("jobs", "degraded", f"{told}: see `triage jobs dead`, mend, then `triage jobs replay ID`")
    if oldest > OLDEST_JOB_S:
        return Check("jobs", "degraded", f"{told}, the oldest for {oldest / 60:.0f} min: start `triage worker`")
    return Check("jobs", "ok", told)


def _webhooks(settings: Settings) -> Check:
    with _measured(settings) as measurements:
        counts = {one.place[0]: one.count for one in measurements.webhooks()}
    told = f"{counts['waiting']} deliveries wait, {counts['dead']} given up"
    mend = ": mend the receiver, then POST /v1/webhook-deliveries/{id}/replay"
    return Check("webhooks", "degraded" if counts["dead"] else "ok", told + (mend if counts["dead"] else ""))


def _replies(settings: Settings) -> Check:
    """Whether the server that gets replies answers; nothing is sent to find out."""
    way = _way_out(settings)
    with _measured(settings) as measurements:
        put_off, pauses = measurements.put_off(), measurements.pauses()
    if not put_off.replies and not pauses:
        return way
    told = f"put off and tried again: {put_off.replies} (most tries of one: {put_off.deferrals})"
    because = put_off.because or "The way out rests."
    for tenant, resting in pauses.items():
        told += "".join(f"; {tenant} rests until {one.until:%H:%M:%S %Z}" for one in resting)
    told += "; `triage pauses --lift` tries them now" if pauses else ""
    return Check("replies", "broken" if way.state == "broken" else "degraded", f"{told}: {because} {way.detail}")


def _way_out(settings: Settings) -> Check:
    if settings.reply_url is None:
        return Check("replies", "ok", f"as .eml files to {settings.outbox}")
    try:
        there = http_sender(settings, settings.reply_url).find_delivery(f"apr_{'0' * 32}")
    except DeliveryUnknown as exc:
        return Check("replies", "broken", f"{exc} (TRIAGE_REPLY_URL, TRIAGE_REPLY_TOKEN, TRIAGE_PRIVATE_HOSTS)")
    if there is not None:
        return Check("replies", "broken", "the server says that a reply is there which never was: read-back is useless")
    return Check("replies", "ok", f"to {settings.reply_url}, which answers")


def _keys(settings: Settings) -> Check:
    files = [settings.data_dir / name for name in ("privacy.key", "webhook.key")]
    readable = [path.name for path in files if path.exists() and path.stat().st_mode & 0o077]
    if readable:
        return Check("keys", "degraded", f"others can read {', '.join(readable)}: chmod 600 in {settings.data_dir}")
    return Check("keys", "ok", "key files are readable by their owner only")


def _metrics(settings: Settings) -> Check:
    told = "at /metrics, with TRIAGE_METRICS_TOKEN" if settings.metrics_token else "off: set TRIAGE_METRICS_TOKEN"
    return Check("metrics", "ok", told)


def _traces(settings: Settings) -> Check:
    if settings.otlp_endpoint is None:
        return Check("traces", "ok", "off: set TRIAGE_OTLP_ENDPOINT")
    if find_spec("opentelemetry.exporter") is None:
        return Check("traces", "broken", "the extra is missing: pip install 'after-sales-triage[telemetry]'")
    return Check("traces", "ok", f"to {settings.otlp_endpoint}")


@contextmanager
def _measured(settings: Settings) -> Iterator[SqlMeasurements]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        yield SqlMeasurements(database.sessions)


def _disk(settings: Settings) -> Check:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    detail = f"{free / 1e9:.1f} GB free in {settings.data_dir}"
    return Check("disk", "ok" if free > MIN_FREE_BYTES else "degraded", detail)


def _language_model(settings: Settings) -> Check:
    if settings.llm_base_url is None:
        return Check("language model", "ok", "none: replies are composed from templates and quoted passages")
    return Check("language model", "ok", f"{settings.llm_model} at {settings.llm_base_url}; falls back to the composer")
