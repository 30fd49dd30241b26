"""``triage run``: triage files or standard input; needs no running server and stores nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from triage.bootstrap.system_clock import SystemClock
from triage.bootstrap.tools import load_tools
from triage.cli.inputs import Unreadable, read_tickets
from triage.cli.record import Record, case_record
from triage.cli.table import case_table
from triage.config import load_settings
from triage.domain.case import CaseState, TriageCase
from triage.domain.ticket import Ticket
from triage.pipeline import Tools
from triage.pipeline import run as run_pipeline

console = Console(stderr=True)


def run(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON lines, .eml files, text files or folders; '-' is standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per ticket on standard output.")] = False,
) -> None:
    """Triage tickets and print what was found; exit status 1 when an input could not be read."""
    settings = load_settings()
    clock = SystemClock()
    stdin = sys.stdin.buffer.read() if not files or Path("-") in files else b""
    with console.status("preparing") as status:
        tools = load_tools(settings, lambda what: status.update(f"loading {what}"))
    entries = read_tickets(files or [], stdin, clock.now())
    unreadable = _print_json(entries, tools, clock) if as_json else _print_table(entries, tools, clock)
    if unreadable:
        raise typer.Exit(1)


def triage_one(ticket: Ticket, tools: Tools, clock: SystemClock) -> TriageCase:
    """Run the pipeline on a ticket that is not stored."""
    now = clock.now()
    case = TriageCase(ticket.id, ticket.tenant, CaseState.RECEIVED, 0, ticket.revision, now)
    return run_pipeline(ticket, case, tools, now)


def _print_json(entries: Iterator[Ticket | Unreadable], tools: Tools, clock: SystemClock) -> int:
    unreadable = 0
    for entry in entries:
        if isinstance(entry, Unreadable):
            unreadable += 1
            record: Record = {"id": entry.id, "error": entry.reason}
        else:
            record = case_record(triage_one(entry, tools, clock))
        print(json.dumps(record, ensure_ascii=False), flush=True)
    return unreadable


def _print_table(entries: Iterator[Ticket | Unreadable], tools: Tools, clock: SystemClock) -> int:
    cases, unreadable = [], []
    for entry in track(list(entries), "triage", console=console):
        if isinstance(entry, Unreadable):
            unreadable.append(entry)
        else:
            cases.append(triage_one(entry, tools, clock))
    Console().print(case_table(cases))
    for entry in unreadable:
        console.print(f"{entry.id}: {entry.reason}", style="red", markup=False)
    return len(unreadable)
