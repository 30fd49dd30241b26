"""``triage doctor``: what is configured, what is degraded, and how to mend it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from knowledge_base.errors import KnowledgeBaseError
from triage.adapters.company import load_company
from triage.adapters.storage.database import opened
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.tools import load_law
from triage.config import Settings, load_settings
from triage.errors import TriageError

console = Console()

MIN_FREE_BYTES = 1_000_000_000


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
        "company data": _company,
        "rule tables": _rules,
        "encoder": _encoder,
        "knowledge base": _knowledge,
        "database": _database,
        "disk": _disk,
        "language model": _language_model,
    }
    for name, probe in probes.items():
        try:
            yield probe(settings)
        except (TriageError, KnowledgeBaseError, OSError) as exc:
            yield Check(name, "broken", str(exc))


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
    detail = knowledge.degraded or f"generation {knowledge.generation}{named}"
    return Check("knowledge base", "degraded" if knowledge.degraded else "ok", detail)


def _database(settings: Settings) -> Check:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url):
        return Check("database", "ok", "configured server" if url else f"embedded in {settings.data_dir / 'postgres'}")


def _disk(settings: Settings) -> Check:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    detail = f"{free / 1e9:.1f} GB free in {settings.data_dir}"
    return Check("disk", "ok" if free > MIN_FREE_BYTES else "degraded", detail)


def _language_model(settings: Settings) -> Check:
    if settings.llm_base_url is None:
        return Check("language model", "ok", "none: replies are composed from templates and quoted passages")
    return Check("language model", "ok", f"{settings.llm_model} at {settings.llm_base_url}; falls back to the composer")
