"""``triage search`` and ``triage index``: the knowledge base from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from knowledge_base.answer import SearchFilters
from knowledge_base.passage import Audience, FileFault
from knowledge_base.tokenise import detect_language
from triage.bootstrap.encoders import ChosenEncoder, load_encoder
from triage.bootstrap.holdings import Holdings, folder_holdings, index_dir_of
from triage.bootstrap.knowledge import Knowledge
from triage.cli.record import passage_record
from triage.cli.table import print_answer
from triage.config import DEFAULT_TENANT, Settings, load_settings
from triage.library.missing import missing_note

console = Console(stderr=True)


def search(
    text: Annotated[list[str], typer.Argument(help="The question, in plain words; Polish or English.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most passages to show.")] = 5,
    product: Annotated[list[str] | None, typer.Option(help="Only this product line; repeatable.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only documents in this language; repeatable.")] = None,
    customer: Annotated[bool, typer.Option(help="Only what a customer may read.")] = False,
    document_type: Annotated[list[str] | None, typer.Option("--type", help="Only such documents; repeatable.")] = None,
    tenant: Annotated[str, typer.Option(help="Whose documents, beside the folder's.")] = DEFAULT_TENANT,
    outdated: Annotated[bool, typer.Option(help="Superseded and expired versions too.")] = False,
    on: Annotated[str | None, typer.Option(help="Valid on this day (YYYY-MM-DD); default today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")] = False,
) -> None:
    """Search the knowledge base: document, section, page and the words that answer."""
    settings = load_settings()
    chosen = load_encoder(settings)
    knowledge = _knowledge(settings, chosen, tenant)
    if knowledge.degraded:
        console.print(knowledge.degraded, style="yellow")
    filters = SearchFilters(
        audience=Audience.CUSTOMER if customer else None,
        products=tuple(product or ()),
        languages=tuple(language or ()),
        valid_on=_day(on),
        document_types=tuple(document_type or ()),
        outdated=outdated,
    )
    if unknown := knowledge.unknown_products(filters.products):
        console.print(f"No document is about {', '.join(unknown)}: check the spelling.", style="yellow")
    question = " ".join(text)
    answer = knowledge.answer(question, filters, limit)
    note = missing_note(answer.missing, detect_language(question))
    if as_json:
        for hit in (*answer.hits, *answer.nearest):  # never both: what is nearest stands where nothing answers
            found = {"id": hit.passage.id, "answers": bool(answer.hits)} | passage_record(hit)
            print(json.dumps(found, ensure_ascii=False))
        if note:
            console.print(note, style="yellow", markup=False)
    else:
        print_answer(Console(), answer, note)


def _knowledge(settings: Settings, chosen: ChosenEncoder, tenant: str) -> Knowledge:
    """The index on this disk, a tenant's own where there is one; asks no database."""
    shared = Knowledge.open(settings, chosen.encoder, degraded=chosen.degraded)
    own = replace(shared, holdings=Holdings(index_dir_of(settings, chosen.encoder, tenant), tuple), _index=None)
    return own if own.ready() else shared


def index(
    folder: Annotated[Path | None, typer.Argument(help="Documents to index; default: TRIAGE_DOCUMENTS_DIR.")] = None,
) -> None:
    """Index the documents; only changed ones are read again, and the old index serves until the new one is whole."""
    settings = load_settings(**({"documents_dir": folder} if folder else {}))
    chosen = load_encoder(settings)
    with Progress(console=console) as progress:
        task = progress.add_task("indexing", total=None)
        knowledge = Knowledge(folder_holdings(settings, chosen.encoder), chosen.encoder)
        report = knowledge.build(lambda done, total: progress.update(task, completed=done, total=total))
    console.print(
        f"{report.documents} documents, {report.passages} passages, {report.embedded} embedded, "
        f"{report.duration_s:.1f} s, generation {report.generation}, encoder {chosen.encoder.name}"
    )
    if chosen.degraded:
        console.print(chosen.degraded, style="yellow")
    faults = [*report.faults, *_index_stored(settings)]
    for fault in faults:
        reason = fault.message.removeprefix(f"{Path(fault.name).name}: ")
        console.print(f"{fault.name}: {reason}", style="red", markup=False)
    if faults:
        raise typer.Exit(1)


def _index_stored(settings: Settings) -> list[FileFault]:
    """Index the documents that tenants put into the database, where there is one."""
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        return []
    # here, because a search without a database must start without one
    from triage.adapters.storage.database import opened
    from triage.bootstrap.library import open_shelves

    faults: list[FileFault] = []
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        shelves = open_shelves(settings, database)
        for tenant in shelves.tenants():
            report = shelves.own(tenant).build()
            faults += report.faults
            console.print(f"tenant {tenant}: {report.documents} documents, {report.embedded} passages embedded")
    return faults


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise typer.BadParameter("give a day as YYYY-MM-DD, e.g. 2026-11-20.", param_hint="--on") from None
