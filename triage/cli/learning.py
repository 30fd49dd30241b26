"""``triage learning``: tickets worth labelling, the blind sample, drift; what people set is set over the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from triage.adapters.company import load_company
from triage.adapters.storage.database import opened
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.learning import promise_of_classifier
from triage.bootstrap.models import load_classifier
from triage.bootstrap.system_clock import SystemClock
from triage.config import DEFAULT_TENANT, Settings, load_settings
from triage.domain.learning import PromiseInForce
from triage.learning.drift import Drift, DriftReport
from triage.learning.samples import Samples
from triage.ports import UnitOfWorkFactory

app = typer.Typer(help="Learning from people.", no_args_is_help=True, pretty_exceptions_show_locals=False)
console = Console()

Tenant = Annotated[str, typer.Option(help="Whose tickets.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


@app.command()
def queue(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: AsJson = False, tenant: Tenant = DEFAULT_TENANT
) -> None:
    """Tickets the model was least sure of and whose category no person gave: labelling them teaches most."""
    settings = load_settings()
    with _storage(settings) as unit_of_work:
        taxonomy = load_company(settings.company_dir).taxonomy
        found = Samples(unit_of_work, SystemClock(), taxonomy).most_informative(tenant, limit)
    if as_json:
        for one in found:
            print(json.dumps({"ticket": one.ticket_id, "code": one.code, "margin": one.margin, "model": one.model}))
        return
    table = Table("ticket", "first category", "margin", "why it abstained")
    for one in found:
        table.add_row(
            one.ticket_id,
            f"{one.code} {one.probability:.0%}",
            f"{one.margin:.3f}",
            one.abstain_reason.value if one.abstain_reason else "",
        )
    console.print(table)


@app.command()
def sample(
    size: Annotated[int, typer.Argument(min=1, max=1000, help="How many tickets.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="From how many days back.")] = 30,
    tenant: Tenant = DEFAULT_TENANT,
) -> None:
    """Draw tickets by chance, to be labelled over the API without a suggestion in sight."""
    settings = load_settings()
    with _storage(settings) as unit_of_work:
        taxonomy = load_company(settings.company_dir).taxonomy
        drawn = Samples(unit_of_work, SystemClock(), taxonomy).draw(tenant, size, days=days, actor="cli")
    console.print(f"{drawn} drawn; GET /v1/learning/sample shows them.", highlight=False)


@app.command()
def drift(
    days: Annotated[int, typer.Option(min=1, max=366)] = 30, as_json: AsJson = False, tenant: Tenant = DEFAULT_TENANT
) -> None:
    """The last days against as many before them; exit status 1 when something drifted or the promise is broken."""
    settings = load_settings()
    with _storage(settings) as unit_of_work:
        report = Drift(unit_of_work, SystemClock(), lambda: _promise(settings)).report(tenant, days=days)
    if as_json:
        print(TypeAdapter(DriftReport).dump_json(report).decode())
    else:
        for line in _described(report):
            console.print(line, highlight=False)
    if report.drifted or report.promise_broken:
        raise typer.Exit(1)


def _described(report: DriftReport) -> Iterator[str]:
    yield f"{report.readings[0]} tickets before {report.now[0]:%Y-%m-%d}, {report.readings[1]} since"
    for shift in report.shifts:
        moved = ", ".join(f"{value} {before:.0%}→{now:.0%}" for value, before, now in shift.shares[:3])
        mark = "[red]drifted[/]" if shift.drifted else "       "
        yield f"{shift.name:<12}{mark} PSI {shift.psi:.2f}  {moved}"
    yield f"agreement with people who saw the suggestion     {report.agreement}"
    yield f"agreement with people who did not (blind sample) {report.blind_agreement}"
    promised = f"promised: at most {report.promised_error:.1%}" if report.promised_error is not None else "no promise"
    yield f"errors among blind tickets tagged alone          {report.blind_tagged_errors}   ({promised})"
    if report.promise_broken:
        yield "[red]The promise is broken: set automation to `suggest` and train again.[/]"


def _promise(settings: Settings) -> PromiseInForce | None:
    codes = load_company(settings.company_dir).taxonomy.codes
    return promise_of_classifier(load_classifier(settings, load_encoder(settings).encoder, codes).current)


@contextmanager
def _storage(settings: Settings) -> Iterator[UnitOfWorkFactory]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        yield database.units_of_work(SystemClock())
