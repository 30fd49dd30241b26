"""``triage safety``: the register of complaints about dangerous products, and what in it may belong together."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.bootstrap.safety import open_safety
from triage.config import load_settings
from triage.domain.safety import RegisteredEntry

safety = typer.Typer(no_args_is_help=True, add_completion=False, help="Complaints about dangerous products (GPSR).")
console = Console()
_PAGE = 1000

Tenant = Annotated[str, typer.Option("--tenant", help="Whose desk.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")]


@safety.command()
def register(
    model: Annotated[str | None, typer.Option(help="Only this model.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this batch.")] = None,
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    tenant: Tenant = "default",
    as_json: AsJson = False,
) -> None:
    """List the register, oldest first (Reg. (EU) 2023/988 art. 9(11))."""
    table = Table()
    for heading in ("No.", "Received", "What happened", "Product", "Model", "Batch", "Serial", "Case", "Erase after"):
        table.add_column(heading, overflow="fold")
    with open_safety(load_settings()) as desk:
        after = 0
        while page := desk.entries(tenant, case_id=case, model=model, batch=batch, limit=_PAGE, after=after):
            after = page[-1].position
            for one in page:
                if as_json:
                    print(json.dumps(_record(one), ensure_ascii=False))
                else:
                    happened = ", ".join(desk.hazards.names.get(event, (event, event))[1] for event in one.entry.events)
                    entry = one.entry
                    particulars = (entry.product, entry.model, entry.batch, entry.serial, entry.case_id)
                    days = (str(entry.received_on), str(entry.erase_after))
                    table.add_row(str(one.position), days[0], happened, *particulars, days[1])
    if not as_json:
        console.print(table)


@safety.command()
def clusters(tenant: Tenant = "default", as_json: AsJson = False) -> None:
    """Show models and batches with several complaints; exit status 1 when there are any: somebody must look."""
    with open_safety(load_settings()) as desk:
        found = desk.clusters(tenant)
    for one in found:
        if as_json:
            record = {"model": one.model, "batch": one.batch, "cases": one.cases, "events": one.events}
            days = {"first_on": one.first_on.isoformat(), "last_on": one.last_on.isoformat()}
            print(json.dumps(record | days, ensure_ascii=False))
        else:
            of = ", ".join(part for part in (one.model, one.batch and f"batch {one.batch}") if part)
            words = f"{of}: {len(one.cases)} cases ({', '.join(one.events)}), {one.first_on} to {one.last_on}: "
            console.print(words + ", ".join(one.cases), style="bold red", markup=False)
    if found:
        raise typer.Exit(1)
    console.print("No model or batch was reported several times.")


def _record(one: RegisteredEntry) -> dict[str, object]:
    entry = one.entry
    return {
        "position": one.position,
        "registered_at": one.registered_at.isoformat(),
        "case": entry.case_id,
        "received_on": entry.received_on.isoformat(),
        "events": list(entry.events),
        "product": entry.product,
        "model": entry.model,
        "batch": entry.batch,
        "serial": entry.serial,
        "article": entry.article,
        "erase_after": entry.erase_after.isoformat(),
    }
