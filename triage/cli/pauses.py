"""``triage pauses``: ways out that rest because a helpdesk was away or asked for patience; end them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.measurements import SqlMeasurements
from triage.approval import Pauses
from triage.bootstrap.system_clock import SystemClock
from triage.config import load_settings
from triage.domain.stops import EVERYBODY

console = Console()
ACTOR = "cli"


def pauses(
    tenant: Annotated[str, typer.Option("--tenant", help="Whose; '*' is everybody's.")] = EVERYBODY,
    lift: Annotated[bool, typer.Option("--lift", help="End them: replies put off are tried now.")] = False,
) -> None:
    """Show the ways out by which no reply is tried at the moment, or end their rest."""
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        if lift:
            console.print(f"lifted; {_lift(database, tenant)} replies that were put off are tried now")
            return
        found = SqlMeasurements(database.sessions).pauses()
    table = Table("tenant", "way out", "since", "until (UTC)", "because")
    for of, resting in found.items():
        for one in resting if tenant in (EVERYBODY, of) else ():
            table.add_row(of, one.way, f"{one.since:%H:%M:%S}", f"{one.until:%H:%M:%S}", one.because)
    console.print(table if table.row_count else "no way out rests")


def _lift(database: Database, tenant: str) -> int:
    resting = SqlMeasurements(database.sessions).pauses() if tenant == EVERYBODY else (tenant,)
    desk = Pauses(database.units_of_work(SystemClock()))
    return sum(desk.lift(one, actor=ACTOR) for one in resting)
