"""``triage redact``: show what counts as personal data in a text, without sending it anywhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from triage.recognisers import Recognisers
from triage.stages.redact import redact_text

console = Console(stderr=True)


def redact(
    file: Annotated[Path | None, typer.Argument(help='JSON lines {"text"}; default: standard input.')] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the spans too, as JSON lines.")] = False,
) -> None:
    """Replace personal data by placeholders; exit status 1 when a line could not be read."""
    recognisers = Recognisers()
    raw = file.read_bytes() if file else sys.stdin.buffer.read()
    faulty = 0
    for number, line in enumerate(raw.decode("utf-8-sig", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"] if line.lstrip().startswith("{") else line
        except (ValueError, KeyError, TypeError, RecursionError):
            faulty += 1
            console.print(f'line {number}: not a JSON object with "text"', style="red")
            continue
        redacted, spans = redact_text(str(text), recognisers)
        if as_json:
            found = [{"start": s.start, "end": s.end, "kind": s.kind, "text": s.text} for s in spans]
            print(json.dumps({"text": redacted, "spans": found}, ensure_ascii=False))
        else:
            print(redacted)
    if faulty:
        raise typer.Exit(1)
