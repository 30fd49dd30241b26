"""``triage summarise``: the contact history of tickets in lines that name their messages; stores nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from triage.bootstrap.system_clock import SystemClock
from triage.bootstrap.tools import load_summary_tools
from triage.calendars.counting import local_day
from triage.cli.inputs import Unreadable, read_tickets
from triage.cli.record import Record, section_lines
from triage.config import load_settings
from triage.domain.ticket import Ticket
from triage.drafting.summaries import SummaryTools, summarise_ticket
from triage.errors import StageFailed

console = Console(stderr=True)


def summarise(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help='JSON lines {"id", "messages": [{"author", "at", "text"}]} or mails; - is standard input.'),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help='One JSON object {"id", "summary", "text"} per ticket on standard output.')
    ] = False,
) -> None:
    """Summarise tickets; a line that cannot be read is named and the others go on; exit status 1 then."""
    clock = SystemClock()
    stdin = sys.stdin.buffer.read() if not files or Path("-") in files else b""
    with console.status("preparing") as status:
        tools = load_summary_tools(load_settings(), lambda what: status.update(f"loading {what}"))
    faulty = 0
    for entry in read_tickets(files or [], stdin, clock.now()):
        record = _record(entry, tools, clock)
        faulty += "error" in record
        if as_json:
            print(json.dumps(record, ensure_ascii=False), flush=True)
        elif "error" in record:
            console.print(f"{record['id']}: {record['error']}", style="red", markup=False)
        else:
            print(f"# {record['id']}\n{record['text']}\n", flush=True)
    if faulty:
        raise typer.Exit(1)


def _record(entry: Ticket | Unreadable, tools: SummaryTools, clock: SystemClock) -> Record:
    if isinstance(entry, Unreadable):
        return {"id": entry.id, "error": entry.reason}
    try:
        summary = summarise_ticket(entry, tools, local_day(clock.now()))
    except StageFailed as failed:
        return {"id": entry.id, "error": failed.reason}
    return {"id": entry.id, "summary": section_lines(summary), "text": summary.text}
