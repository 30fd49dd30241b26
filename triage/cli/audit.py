"""``triage audit``: check that the audit log, and the safety register it vouches for, are whole."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from triage.adapters.storage.audit import tenants, verify
from triage.adapters.storage.audit_trail import SqlAuditTrail
from triage.adapters.storage.database import opened
from triage.adapters.storage.safety import changed_entry
from triage.config import load_settings
from triage.domain.ai_use import uses_of
from triage.domain.records import AuditEntry

console = Console()
_PAGE = 1000


def audit(
    action: Annotated[str, typer.Argument(help="'verify' checks every chain, 'ai-use' exports.")] = "verify",
    case: Annotated[str | None, typer.Option(help="Only the AI use on this case.")] = None,
    tenant: Annotated[str, typer.Option(help="Whose AI use.")] = "default",
) -> None:
    """Verify the hash chain of the audit log, or export the register of AI use as JSON lines.

    Exit status 1 when an entry was changed, removed or reordered.
    """
    if action not in ("verify", "ai-use"):
        raise typer.BadParameter("the actions are 'verify' and 'ai-use'.")
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    if action == "ai-use":
        with opened(settings.data_dir, url) as database:
            _export_ai_use(SqlAuditTrail(database.sessions), tenant, case)
        return
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


def _export_ai_use(trail: SqlAuditTrail, tenant: str, case: str | None) -> None:
    of_case: dict[str, list[AuditEntry]] = defaultdict(list)
    after = 0
    while page := trail.entries(tenant, subject=case, limit=_PAGE, after=after):
        after = page[-1].position
        for entry in page:
            of_case[entry.subject].append(entry)
    for entries in of_case.values():
        for use in uses_of(entries):
            print(json.dumps(asdict(use), default=str, ensure_ascii=False))
