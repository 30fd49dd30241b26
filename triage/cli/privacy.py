"""``triage privacy``: find, export and erase a person; keep the erased from coming back; retention."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.bootstrap.privacy import PrivacyOffice, open_privacy
from triage.config import load_settings
from triage.domain.privacy import Person
from triage.privacy.plan import ErasurePlan, Fate

privacy = typer.Typer(no_args_is_help=True, add_completion=False, help="Rights of the people whose data are stored.")
console = Console()
ACTOR = "cli"
_DIGEST_CHARS = 12

Email = Annotated[list[str] | None, typer.Option("--email", help="An address of the person; repeatable.")]
Phone = Annotated[list[str] | None, typer.Option("--phone", help="A number of the person; repeatable.")]
Name = Annotated[str, typer.Option("--name", help="Their name; finds together with --order, and is hidden everywhere.")]
Order = Annotated[str, typer.Option("--order", help="An order number, together with --name.")]
ExternalId = Annotated[list[str] | None, typer.Option("--external-id", help="The helpdesk's id; repeatable.")]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose desk.")]


@privacy.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where export.json and export.md are written, for you alone to read.")],
    email: Email = None,
    phone: Phone = None,
    name: Name = "",
    order: Order = "",
    external_id: ExternalId = None,
    tenant: Tenant = "default",
) -> None:
    """Copy everything stored about a person: JSON for machines, Markdown for them (GDPR art. 15, 20)."""
    person = _person(email, phone, name, order, external_id)
    with open_privacy(load_settings()) as office:
        made = office.desk.export(tenant, person, actor=ACTOR)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "export.json", json.dumps(made.data, ensure_ascii=False, indent=2) + "\n")
    _write(folder / "export.md", made.text)
    console.print(f"{len(made.tickets)} tickets: {folder / 'export.json'}, {folder / 'export.md'}", markup=False)


@privacy.command()
def erase(
    email: Email = None,
    phone: Phone = None,
    name: Name = "",
    order: Order = "",
    external_id: ExternalId = None,
    tenant: Tenant = "default",
    apply: Annotated[str, typer.Option(help="Digest of the dry run you read: without it nothing is changed.")] = "",
    scrub: Annotated[bool, typer.Option(help="Also rewrite tables and log, so that the bytes go.")] = True,
) -> None:
    """Show what erasing a person would do; with --apply, do it (GDPR art. 17). Exit status 1 when bytes are left."""
    person = _person(email, phone, name, order, external_id)
    with open_privacy(load_settings()) as office:
        plan = office.desk.plan(tenant, person)
        _show(plan)
        if not apply:
            console.print(f"Dry run: nothing was changed. To do this, add: --apply {plan.digest[:_DIGEST_CHARS]}")
            return
        # a wrong or short digest is refused by the desk, which makes the plan once more
        digest = plan.digest if len(apply) >= _DIGEST_CHARS and plan.digest.startswith(apply) else apply
        report = office.desk.erase(tenant, person, actor=ACTOR, plan_digest=digest)
        console.print(
            f"{report.id}: {report.deleted} deleted, {report.pseudonymised} pseudonymised, {report.mentions} mentions "
            f"masked, {report.tombstones} tombstones"
        )
        if scrub:
            _scrub_and_look(office, person)


@privacy.command()
def scan(
    email: Email = None,
    phone: Phone = None,
    name: Name = "",
    external_id: ExternalId = None,
) -> None:
    """Look for a person in every row and in every byte of every data file; exit status 1 when something is found."""
    with open_privacy(load_settings()) as office:
        _look(office, _person(email, phone, name, "", external_id))


@privacy.command()
def scrub() -> None:
    """Rewrite tables, statistics and the write-ahead log without what was deleted; writers wait meanwhile."""
    with open_privacy(load_settings()) as office:
        _scrub(office)


@privacy.command()
def reapply() -> None:
    """Erase again whom a restored backup brought back; every start does this too."""
    with open_privacy(load_settings()) as office:
        again = office.desk.reapply()
        for tenant, count in again.items():
            console.print(f"{tenant}: {count} tickets erased again", markup=False)
        if any(again.values()):
            _scrub(office)
        else:
            console.print("Nobody who was erased has come back.")


@privacy.command()
def retention(
    tenant: Tenant = "default",
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Delete what is overdue; default: count it.")
    ] = False,
) -> None:
    """Show what is older than its term by the retention schedule; with --apply, delete it."""
    with open_privacy(load_settings()) as office:
        plan = office.desk.apply_retention(tenant, actor=ACTOR) if apply else office.desk.plan_retention(tenant)
        table = Table(title=f"Retention schedule {plan.schedule}, {plan.day}")
        for heading in ("Class", "What", "Kept", "Overdue", "Unsettled", "Source", "Evidence"):
            table.add_column(heading, overflow="fold")
        for one in plan.classes:
            kept = "–" if one.kept is None else str(one.kept)
            table.add_row(one.id, one.what, kept, str(one.overdue), str(one.waiting), one.source, one.evidence)
        console.print(table)
        console.print(f"{plan.overdue} deleted" if apply else f"Dry run: {plan.overdue} would be deleted with --apply")
        if apply and plan.overdue:
            _scrub(office)


def _person(
    email: list[str] | None, phone: list[str] | None, name: str, order: str, external_id: list[str] | None
) -> Person:
    return Person(tuple(email or ()), tuple(phone or ()), name, order, tuple(external_id or ()))


def _show(plan: ErasurePlan) -> None:
    if not plan.tickets:
        console.print("Nobody of this description is in any ticket.")
        return
    table = Table(title=f"Retention schedule {plan.schedule}")
    for heading in ("Ticket", "Found by", "What happens", "Kept until", "Because"):
        table.add_column(heading, overflow="fold")
    for one in plan.tickets:
        fate = one.fate.value + (" (still unanswered)" if one.open and one.fate is not Fate.MASK_MENTION else "")
        table.add_row(one.ticket_id, one.why.value, fate, str(one.kept_until or "–"), one.source or one.retention)
    console.print(table)


def _scrub_and_look(office: PrivacyOffice, person: Person) -> None:
    _scrub(office)
    _look(office, person)


def _scrub(office: PrivacyOffice) -> None:
    report = office.scrub()
    console.print(f"{report.tables} tables rewritten, write-ahead log renewed")
    for what in report.left:
        console.print(f"Left to the database's administrator: {what}", style="yellow", markup=False)


def _look(office: PrivacyOffice, person: Person) -> None:
    found = office.residue(person)
    for one in found:
        console.print(f"{one.count} times in {one.place}", style="red", markup=False)
    if found:
        raise typer.Exit(1)
    console.print("Found nowhere: no row, no byte of any data file names this person.")


def _write(path: Path, content: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as handle:
        handle.write(content)
