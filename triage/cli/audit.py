"""``triage audit``: check that the audit log, and the safety register it vouches for, are whole."""

from __future__ import annotations

import typer
from rich.console import Console

from triage.adapters.storage.audit import tenants, verify
from triage.adapters.storage.database import opened
from triage.adapters.storage.safety import changed_entry
from triage.config import load_settings

console = Console()


def audit(
    action: str = typer.Argument("verify", help="What to do; 'verify' checks every tenant's hash chain."),
) -> None:
    """Verify the hash chain of the audit log; exit status 1 when an entry was changed, removed or reordered."""
    if action != "verify":
        raise typer.BadParameter("the only action is 'verify'.")
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    broken = False
    with opened(settings.data_dir, url) as database, database.sessions() as session:
        for tenant in tenants(session):
            position = verify(session, tenant)
            broken |= position is not None
            console.print(f"{tenant}: whole" if position is None else f"[red]{tenant}: broken at entry {position}[/]")
            changed = changed_entry(session, tenant)
            broken |= changed is not None
            if changed is not None:
                console.print(f"[red]{tenant}: entry {changed} of the safety register is not as it was registered[/]")
    if broken:
        raise typer.Exit(1)
