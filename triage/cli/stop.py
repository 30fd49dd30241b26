"""``triage stop``: halt all sends and all calls of language models at once, say who did, go on again."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from triage.adapters.storage.database import opened
from triage.bootstrap.people import people_of
from triage.bootstrap.system_clock import SystemClock
from triage.config import load_settings
from triage.domain.stops import EVERYBODY

console = Console()
ACTOR = "cli"


def stop(
    reason: Annotated[str, typer.Argument(help="Why; kept on the audit log. Without it the state is shown.")] = "",
    tenant: Annotated[str, typer.Option("--tenant", help="Whose desk; '*' is everybody's.")] = EVERYBODY,
    lift: Annotated[bool, typer.Option("--lift", help="Go on: held replies are sent, each checked again.")] = False,
) -> None:
    """Press the emergency stop, show it, or lift it."""
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        switch = people_of(database, SystemClock()).emergency_stop
        if lift:
            console.print(f"lifted; {switch.lift(tenant, actor=ACTOR)} held replies go on")
            return
        pressed = switch.press(tenant, actor=ACTOR, reason=reason) if reason else switch.in_force(tenant)
    if pressed is None:
        console.print("not stopped")
    else:
        console.print(f"stopped since {pressed.at:%Y-%m-%d %H:%M:%S} UTC by {pressed.actor}: {pressed.reason}")
