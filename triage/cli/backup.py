"""``triage backup`` and ``triage restore``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from triage.bootstrap.backup import back_up
from triage.bootstrap.backup import restore as put_back
from triage.config import load_settings

console = Console()


def backup(
    target: Annotated[Path | None, typer.Argument(help="File to write; default: triage-<time>.tar here.")] = None,
) -> None:
    """Write database, models, index, outbox, keys and company data to one file; the service may be running.

    The file holds personal data and keys: keep it like the service itself, and apart from it.
    """
    target = target or Path(f"triage-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar")
    manifest = back_up(load_settings(), target)
    size = f"{target.stat().st_size / 1e6:.1f} MB"
    console.print(f"{target}: {len(manifest.files)} files, {size}, made {manifest.made_at}", soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `triage backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Give up what is in place now.")] = False,
    tombstones: Annotated[
        Path | None, typer.Option(help="A newer tombstones.jsonl than the backup's, kept apart from it.")
    ] = None,
) -> None:
    """Put a backup in place; stop the service first. Nothing is sent: replies that were approved wait for a person."""
    restored = put_back(load_settings(), source, replace=replace, tombstones=tombstones)
    console.print(f"Restored as of {restored.made_at}.", markup=False)
    console.print(f"{restored.void_approvals} approvals taken back: look at these cases again before you approve.")
    console.print(f"{restored.erased_again} tickets of erased people erased again.")
    for tenant, position in restored.broken_chains.items():
        console.print(f"[red]audit log of {tenant}: broken at entry {position}[/]")
    if restored.broken_chains:
        raise typer.Exit(1)
