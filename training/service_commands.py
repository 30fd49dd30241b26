"""``triage propose``: whether a model trained again on what people said would be better."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.service_history import read_service
from training.ticket_history import LabelledTicket
from triage.adapters.storage.database import Database, opened
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.models import ServedClassifier, open_registry
from triage.bootstrap.system_clock import SystemClock
from triage.config import Settings, load_settings
from triage.recognisers import Recognisers


def propose(
    tenant: Annotated[str, typer.Option(help="Whose labelled tickets.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train again on what people said; keep the model, for a person to promote, only if it is better beyond chance."""
    from training.propose_model import propose as compare
    from triage.adapters.models.linear.shipped import read_seed_tickets

    settings, clock = load_settings(), SystemClock()
    encoder = load_encoder(settings).encoder
    tickets = service_tickets(settings, tenant, approved=False)
    served = ServedClassifier(settings, encoder, open_registry(settings))
    with tempfile.TemporaryDirectory() as folder, Console(stderr=True).status("reading") as status:
        found = compare(
            tickets, read_seed_tickets(settings.company_dir), served.current, encoder, Path(folder),
            progress=status.update,
        )  # fmt: skip
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


def service_tickets(settings: Settings, tenant: str, *, approved: bool) -> list[LabelledTicket]:
    """Tickets of the service whose category people gave."""
    with _database(settings) as database:
        return read_service(database.units_of_work(SystemClock()), tenant, Recognisers(), approved=approved)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        yield database
