"""``triage rulings``: what verdicts on searches teach, and settling it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.adapters.storage.database import opened
from triage.bootstrap.library import open_shelves
from triage.bootstrap.system_clock import SystemClock
from triage.config import DEFAULT_TENANT, load_settings
from triage.domain.rulings import DeskRuling, RulingState
from triage.library.teaching import Teaching
from triage.recognisers import Recognisers
from triage.stages.redact import redact_text

app = typer.Typer(
    help="What verdicts on searches teach: questions that passages answer or miss, or that nothing answers.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
console = Console()
ACTOR = "cli"
_Tenant = Annotated[str, typer.Option(help="Whose.")]
_Id = Annotated[str, typer.Argument(help="As `triage rulings list` names it.")]


@app.command("list")
def listing(
    state: Annotated[RulingState | None, typer.Option(help="Only these; default: all.")] = None,
    tenant: _Tenant = DEFAULT_TENANT,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")] = False,
) -> None:
    """List rulings, those that most people stand for first."""
    with _teaching(tenant) as teaching:
        found = teaching.listing(tenant, state, limit)
    if as_json:
        for one in found:
            print(json.dumps(asdict(one), ensure_ascii=False, default=datetime.isoformat))
    else:
        console.print(_table(found))


@app.command()
def teach(
    passage: Annotated[str, typer.Argument(help="Id of a passage, as `triage search --json` shows it.")],
    question: Annotated[list[str], typer.Argument(help="The question it answers, as people ask it.")],
    tenant: _Tenant = DEFAULT_TENANT,
) -> None:
    """Say that a passage answers a question, whether a search showed it or not."""
    redacted, _ = redact_text(" ".join(question), Recognisers())
    with _teaching(tenant) as teaching:
        _tell(teaching.teach(tenant, redacted, passage, actor=ACTOR))


@app.command()
def accept(ruling_id: _Id, tenant: _Tenant = DEFAULT_TENANT) -> None:
    """Put a ruling in force, on the text as it stands now."""
    with _teaching(tenant) as teaching:
        _tell(teaching.accept(tenant, ruling_id, actor=ACTOR))


@app.command()
def reject(ruling_id: _Id, tenant: _Tenant = DEFAULT_TENANT) -> None:
    """Turn a proposal down; verdicts do not bring it back."""
    with _teaching(tenant) as teaching:
        _tell(teaching.reject(tenant, ruling_id, actor=ACTOR))


@app.command()
def undo(ruling_id: _Id, tenant: _Tenant = DEFAULT_TENANT) -> None:
    """Take a ruling out of force; verdicts do not bring it back."""
    with _teaching(tenant) as teaching:
        _tell(teaching.undo(tenant, ruling_id, actor=ACTOR))


@contextmanager
def _teaching(tenant: str) -> Iterator[Teaching]:
    """What settles rulings; the tenant's index is brought up to date before the command ends."""
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        shelves = open_shelves(settings, database)
        yield Teaching(shelves, shelves.rulings, shelves.shared.encoder, SystemClock())
        while not shelves.own(tenant).wait(1):
            pass


def _tell(ruling: DeskRuling) -> None:
    console.print(f"{ruling.id} is {ruling.state.value.replace('_', ' ')}: {ruling.question}", markup=False)


def _table(found: tuple[DeskRuling, ...]) -> Table:
    table = Table()
    for name in ("id", "state", "kind", "people"):
        table.add_column(name, no_wrap=True)
    for name in ("question", "section", "settled by"):
        table.add_column(name)
    for one in found:
        section = " › ".join((f"{one.document_id}@{one.document_version}", *one.section)) if one.document_id else ""
        people = f"{one.votes.helped} : {one.votes.did_not}"
        table.add_row(one.id, one.state.value, one.kind.value, people, one.question, section, one.settled_by)
    return table
