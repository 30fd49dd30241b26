"""``triage demo``: the sample company's tickets, triaged before your eyes; then the API, ready to try."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from triage.bootstrap.services import Services, open_services
from triage.cli.inputs import Unreadable, read_tickets
from triage.cli.serve import serve_services
from triage.cli.table import case_table
from triage.config import load_settings
from triage.domain.case import TriageCase
from triage.domain.ticket import Ticket
from triage.pipeline import run

console = Console()


def demo(
    serve_after: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the API when the table is printed.")
    ] = True,
) -> None:
    """Take in the sample tickets, triage them, print what was found, and serve the API with its docs."""
    settings = load_settings()
    with (
        console.status("preparing") as status,
        open_services(settings, lambda what: status.update(f"loading {what}")) as services,
    ):
        status.stop()
        tickets = _samples(services, settings.company_dir / "samples")
        new = services.casework.receive_all(tickets)
        console.print(f"{len(tickets)} sample tickets, {new} new.")
        cases = _triage(services, tickets)
        console.print(case_table(cases))
        _print_summary(services, cases)
        if serve_after:
            serve_services(services)


def _samples(services: Services, folder: Path) -> list[Ticket]:
    sources = [folder / "tickets.jsonl", *sorted((folder / "mail").glob("*.eml"))]
    entries = list(read_tickets(sources, b"", services.clock.now()))
    for entry in entries:
        if isinstance(entry, Unreadable):
            console.print(f"{entry.id}: {entry.reason}", style="red", markup=False)
    return [entry for entry in entries if isinstance(entry, Ticket)]


def _triage(services: Services, tickets: list[Ticket]) -> list[TriageCase]:
    """Triage here what no worker has taken yet, with a progress bar.

    Each sample is triaged as of its newest message, as it would have been on the day it came in.
    """
    casework = replace(
        services.casework, run=lambda ticket, case: run(ticket, case, services.tools, ticket.messages[-1].at)
    )
    columns = (TextColumn("triage"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for ticket in progress.track(tickets):
            casework.triage(ticket.tenant, ticket.id)
    with services.casework.unit_of_work("default") as uow:
        return [uow.cases.get(ticket.id) for ticket in tickets]


def _print_summary(services: Services, cases: list[TriageCase]) -> None:
    took = sorted(sum(case.timings_ms.values()) for case in cases if case.timings_ms)
    abstained = sum(case.classification.abstained for case in cases if case.classification)
    drafted = sum(case.draft is not None for case in cases)
    console.print(
        f"{len(cases)} cases: {drafted} drafts wait for approval, {abstained} categories left to a person, "
        f"median {took[len(took) // 2]:.1f} ms a ticket. Knowledge base generation {services.knowledge.generation}."
    )
    console.print(f"Time now: {time.strftime('%Y-%m-%d %H:%M')}. Nothing was sent: every reply waits for a person.")
