"""``triage propose``: whether a model trained again on what people said would be better."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.label_names import only_known
from training.service_history import read_service, read_unsorted
from training.ticket_history import Columns, LabelledTicket, read_history
from triage.adapters.company import load_company
from triage.adapters.models.linear.shipped import SeedTickets, read_seed_tickets
from triage.adapters.storage.database import Database, opened
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.models import ServedClassifier, open_registry
from triage.bootstrap.system_clock import SystemClock
from triage.config import Settings, load_settings
from triage.recognisers import Recognisers

_DATA_HELP = (
    "Table of tickets that the desk began with (.jsonl, .csv, .tsv or .parquet), for one that trains on its own"
    " history; its seed tickets when left open, where it has any."
)


def propose(
    tenant: Annotated[str, typer.Option(help="Whose labelled tickets.")] = "default",
    data: Annotated[Path | None, typer.Option(help=_DATA_HELP)] = None,
    text: Annotated[str, typer.Option("--text", help="With --data: column with the customer's text.")] = "text",
    label: Annotated[str, typer.Option("--label", help="With --data: column with the category.")] = "label",
    ticket_id: Annotated[str | None, typer.Option("--id", help="With --data: column with the ticket's id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train again on what people said; keep the model, for a person to promote, only if it is better beyond chance."""
    from training.propose_model import Beginnings
    from training.propose_model import propose as compare

    settings, clock = load_settings(), SystemClock()
    encoder, taxonomy = load_encoder(settings).encoder, load_company(settings.company_dir).taxonomy
    tickets = [ticket for ticket in service_tickets(settings, tenant, approved=False) if ticket.label in taxonomy]
    if data is None:
        beginnings = Beginnings.of_seed(seed) if (seed := _seed_tickets(settings)) else Beginnings()
    else:
        history = read_history(data, Columns(text, label, ticket_id))
        beginnings = Beginnings.of_history(only_known(history.tickets, taxonomy))
    served = ServedClassifier(settings, encoder, open_registry(settings))
    with tempfile.TemporaryDirectory() as folder, Console(stderr=True).status("reading") as status:
        found = compare(tickets, beginnings, served.current, encoder, Path(folder), progress=status.update)
        kept = open_registry(settings).add(Path(folder), actor="cli", at=clock.now()).id if found.better else ""
    if as_json:
        print(json.dumps(asdict(found) | {"kept_as": kept}))
        return
    print(f"in force   {found.serving}: {found.serving_accuracy}")
    print(f"candidate  learnt from {found.learnt_from} tickets people labelled: {found.candidate_accuracy}")
    print(f"difference {found.difference}")
    if kept:
        print(f"better beyond chance: kept as {kept}; `triage models shadow {kept}` or `triage models promote {kept}`")
    else:
        print("not better beyond chance: nothing is proposed")


def _seed_tickets(settings: Settings) -> SeedTickets | None:
    """The company's seed tickets, where it has any."""
    return read_seed_tickets(settings.company_dir) if any((settings.company_dir / "seed").glob("*/*.jsonl")) else None


def service_tickets(settings: Settings, tenant: str, *, approved: bool) -> list[LabelledTicket]:
    """Tickets of the service whose category people gave."""
    with _database(settings) as database:
        return read_service(database.units_of_work(SystemClock()), tenant, Recognisers(), approved=approved)


def unsorted_service_tickets(settings: Settings, tenant: str, labelled: Collection[str], most: int) -> list[str]:
    """Texts of the service's tickets whose category nobody gave; ``labelled`` are the ids of the others."""
    with _database(settings) as database:
        return read_unsorted(database.units_of_work(SystemClock()), tenant, Recognisers(), labelled, most)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        yield database
