"""``triage jobs``: jobs that were given up, and taking them up again."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.adapters.storage.database import opened
from triage.bootstrap.system_clock import SystemClock
from triage.config import load_settings
from triage.operations import replay

console = Console()
app = typer.Typer(help="Jobs that were given up after their last attempt.", no_args_is_help=True)
_Tenant = Annotated[str, typer.Option(help="Whose jobs.")]


@app.command()
def dead(tenant: _Tenant = "default", limit: Annotated[int, typer.Option(min=1, max=1000)] = 50) -> None:
    """List jobs that were given up, oldest first."""
    settings, table = load_settings(), Table("id", "kind", "case", "attempts", "given up")
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database, database.units_of_work(SystemClock())(tenant) as uow:
        for letter in uow.dead_letters.page(limit=limit):
            moment = f"{letter.given_up_at:%Y-%m-%d %H:%M}" if letter.given_up_at else ""
            table.add_row(str(letter.id), letter.kind.value, letter.case_id, str(letter.attempts), moment)
    console.print(table)


@app.command(name="replay")
def take_up(
    job_id: Annotated[int, typer.Argument(help="Id from `triage jobs dead`.")], tenant: _Tenant = "default"
) -> None:
    """Queue a job again, with all its attempts; a send is only read back, never repeated."""
    settings, clock = load_settings(), SystemClock()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        letter = replay(database.units_of_work(clock), clock, tenant, job_id, actor="cli")
    console.print(f"{letter.kind.value} of {letter.case_id} queued again.", markup=False)
