"""``triage models``: which classifier serves. List, add, promote, roll back, put on trial, compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from triage.adapters.company import load_company
from triage.adapters.storage.database import opened
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.learning import promise_of_classifier
from triage.bootstrap.models import open_registry, seed_labels
from triage.bootstrap.system_clock import SystemClock
from triage.config import DEFAULT_TENANT, load_settings
from triage.domain.learning import Comparison, Deployment
from triage.learning.models import Models

app = typer.Typer(help="Which classifier serves.", no_args_is_help=True, pretty_exceptions_show_locals=False)
console = Console()

ACTOR = "cli"
ModelId = Annotated[str, typer.Argument(help="Id of a model, as `triage models list` names it.")]
Tenant = Annotated[str, typer.Option(help="Whose labelled tickets are asked, and whose audit log is told.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def listing(as_json: AsJson = False) -> None:
    """Every model, which one serves, which one is on trial."""
    registry = open_registry(load_settings())
    versions, deployment = registry.versions(), registry.deployment()
    if as_json:
        told = [{**asdict(one), "added_at": one.added_at.isoformat() if one.added_at else None} for one in versions]
        print(json.dumps({"serving": deployment.serving, "shadow": deployment.shadow, "models": told}))
        return
    table = Table(
        Column("model", no_wrap=True), "state", "categories", "judged on", "accuracy", "tagged alone", "added"
    )
    for one in versions:
        state = {deployment.serving: "[green]serving[/]", deployment.shadow: "[cyan]on trial[/]"}.get(one.id, "")
        table.add_row(
            one.id,
            state,
            str(len(one.labels)),
            f"{one.held_out['n']:.0f}",
            f"{one.held_out['accuracy']:.1%}",
            f"{one.held_out['tagged_share']:.1%}, {one.held_out['tagged_error']:.1%} wrong",
            f"{one.added_at:%Y-%m-%d %H:%M} {one.added_by}" if one.added_at else "",
        )
    console.print(table)
    console.print("accuracy and shares: held-out training tickets; compare models on people's labels before promoting")


@app.command()
def add(directory: Annotated[Path, typer.Argument(help="Directory written by `triage train`.")]) -> None:
    """Keep a trained model in the data directory; it does not serve yet."""
    version = open_registry(load_settings()).add(directory, actor=ACTOR, at=SystemClock().now())
    console.print(
        f"{version.id}: {len(version.labels)} categories. `triage models promote {version.id}` lets it serve."
    )


@app.command()
def promises(model: ModelId, as_json: AsJson = False) -> None:
    """What share of tickets a model could tag alone under other limits on errors, by its held-out tickets.

    TRIAGE_MAX_ERROR sets the limit of the service, without training again.
    """
    settings = load_settings()
    classifier = open_registry(settings).load(model, load_encoder(settings).encoder)
    found = promise_of_classifier(classifier).others
    if as_json:
        print(json.dumps([asdict(one) for one in found]))
        return
    if not found:
        console.print("It did not keep what it said about held-out tickets: train it again to choose another limit.")
        return
    table = Table("at most wrong", "tagged alone", "wrong among those")
    for one in found:
        shares = (f"{one.tagged_share:.1%}", f"{one.tagged_error:.1%}") if one.held else ("none", "")
        table.add_row(f"{one.max_error:.0%}", *shares)
    console.print(table)


@app.command()
def promote(
    model: ModelId,
    insist: Annotated[bool, typer.Option(help="Also when people's labels show it to be worse.")] = False,
    tenant: Tenant = DEFAULT_TENANT,
) -> None:
    """Let a model serve from the next ticket on; running services follow by themselves."""
    with _models() as models:
        _told(models.promote(tenant, model, actor=ACTOR, insist=insist))


@app.command()
def rollback(tenant: Tenant = DEFAULT_TENANT) -> None:
    """Let the model serve that served before."""
    with _models() as models:
        _told(models.rollback(tenant, actor=ACTOR))


@app.command()
def shadow(
    model: Annotated[str, typer.Argument(help="Id of a model; '-' ends the trial.")], tenant: Tenant = DEFAULT_TENANT
) -> None:
    """Let a model predict beside the one that serves, without any effect."""
    with _models() as models:
        _told(models.try_out(tenant, "" if model == "-" else model, actor=ACTOR))


@app.command()
def compare(first: ModelId, second: ModelId, as_json: AsJson = False, tenant: Tenant = DEFAULT_TENANT) -> None:
    """Two models on the tickets both have read; people's labels say who was right."""
    with _models() as models:
        found = models.compare(tenant, first, second)
    if as_json:
        print(json.dumps(asdict(found)))
        return
    for line in _described(found):
        console.print(line, highlight=False)


@contextmanager
def _models() -> Iterator[Models]:
    settings, clock = load_settings(), SystemClock()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    taxonomy = load_company(settings.company_dir).taxonomy
    encoder = load_encoder(settings).encoder.name
    with opened(settings.data_dir, url, key) as database:
        units, seeds = database.units_of_work(clock), partial(seed_labels, settings)
        yield Models(open_registry(settings), units, clock, taxonomy, encoder, seeds)


def _told(deployment: Deployment) -> None:
    console.print(f"serving: {deployment.serving}")
    if deployment.shadow:
        console.print(f"on trial: {deployment.shadow}")


def _described(found: Comparison) -> Iterator[str]:
    yield f"first                       {found.first}"
    yield f"second                      {found.second}"
    if not found.agreement.n:
        yield "No ticket was read by both: put one on trial beside the other with `triage models shadow`."
        return
    yield f"same first category         {found.agreement}"
    for name, coverage, errors, tagged in zip(
        ("first ", "second"), found.coverage, found.errors, found.tagged_errors, strict=True
    ):
        yield f"{name} would tag alone      {coverage}"
        yield f"{name} errors               {errors}"
        yield f"{name} errors tagged alone  {tagged}"
    if not found.difference.n:
        yield "Nobody labelled any of these tickets yet: who is right is not known."
        return
    yield f"second minus first          accuracy {found.difference}; {found.blind} labelled blind"
    if found.blind < found.difference.n:
        yield "Labels given beside a suggestion lean towards the model that made it: draw a blind sample."
