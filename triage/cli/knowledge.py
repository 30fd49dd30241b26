"""``triage search`` and ``triage index``: the knowledge base from the command line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from knowledge_base.passage import Audience, SearchFilters
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge, folder_holdings
from triage.cli.record import passage_record
from triage.cli.table import print_hits
from triage.config import load_settings

console = Console(stderr=True)


def search(
    text: Annotated[list[str], typer.Argument(help="The question, in plain words; Polish or English.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most passages to show.")] = 5,
    product: Annotated[list[str] | None, typer.Option(help="Only this product line; repeatable.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only documents in this language; repeatable.")] = None,
    customer: Annotated[bool, typer.Option(help="Only what a customer may read.")] = False,
    on: Annotated[str | None, typer.Option(help="Valid on this day (YYYY-MM-DD); default today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")] = False,
) -> None:
    """Search the knowledge base: document, section, page and the words that answer."""
    settings = load_settings()
    knowledge = Knowledge.open(settings, load_encoder(settings).encoder)
    filters = SearchFilters(
        audience=Audience.CUSTOMER if customer else None,
        products=tuple(product or ()),
        languages=tuple(language or ()),
        valid_on=_day(on),
    )
    hits = knowledge.search(" ".join(text), filters, limit)
    if as_json:
        for hit in hits:
            print(json.dumps(passage_record(hit), ensure_ascii=False))
    else:
        print_hits(Console(), hits)


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
    for fault in report.faults:
        console.print(f"{fault.name}: {fault.message}", style="red", markup=False)
    if report.faults:
        raise typer.Exit(1)


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise typer.BadParameter("give a day as YYYY-MM-DD, e.g. 2026-11-20.", param_hint="--on") from None
