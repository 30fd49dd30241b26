"""``triage`` and its commands; ``training`` adds train and evaluate.

A command's module is imported when that command is called, so that ``triage search`` starts without a database or a
model framework. Results go to standard output; logs and progress go to standard error.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from importlib.metadata import EntryPoints, entry_points
from typing import TYPE_CHECKING

import typer
import typer.core
import typer.main

from knowledge_base.errors import KnowledgeBaseError
from triage.bootstrap.logs import quieten_libraries
from triage.errors import TriageError

if TYPE_CHECKING:
    from typer._click import Command, Context

_COMMANDS = {
    "demo": "triage.cli.demo:demo",
    "run": "triage.cli.run:run",
    "summarise": "triage.cli.summarise:summarise",
    "similar": "triage.cli.letters:similar",
    "suggestions": "triage.cli.letters:suggestions",
    "search": "triage.cli.knowledge:search",
    "index": "triage.cli.knowledge:index",
    "gaps": "triage.cli.library:gaps",
    "qrels": "triage.cli.library:qrels",
    "rulings": "triage.cli.rulings:app",
    "serve": "triage.cli.serve:serve",
    "worker": "triage.cli.serve:worker",
    "redact": "triage.cli.redact:redact",
    "audit": "triage.cli.audit:audit",
    "privacy": "triage.cli.privacy:privacy",
    "safety": "triage.cli.safety:safety",
    "models": "triage.cli.models:app",
    "learning": "triage.cli.learning:app",
    "taxonomy": "triage.cli.taxonomy:app",
    "stop": "triage.cli.stop:stop",
    "pauses": "triage.cli.pauses:pauses",
    "users": "triage.cli.users:users",
    "backup": "triage.cli.backup:backup",
    "restore": "triage.cli.backup:restore",
    "jobs": "triage.cli.jobs:app",
    "doctor": "triage.cli.doctor:doctor",
}


class LazyCommands(typer.core.TyperGroup):
    """Imports a command's module when the command is named."""

    def list_commands(self, ctx: Context) -> list[str]:
        """All command names, in the order they are shown."""
        return [*_COMMANDS, *(point.name for point in _plugins())]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Import and build one command."""
        targets = _COMMANDS | {point.name: point.value for point in _plugins()}
        if cmd_name not in targets:
            return None
        module, _, function = targets[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), function)
        if isinstance(command, typer.Typer):
            group = typer.main.get_command(command)
            group.name = cmd_name
            return group
        single = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
        single.command(cmd_name)(command)
        return typer.main.get_command(single)


app = typer.Typer(cls=LazyCommands, no_args_is_help=True, pretty_exceptions_show_locals=False)


@app.callback()
def triage() -> None:
    """Ticket triage for after-sales desks: classify, compute deadlines, search, draft, summarise, approve, send."""


def main() -> None:
    """Console entry point: known errors become one plain message and exit status 1."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a dead hub costs 69 s; models are fetched by their own command
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    quieten_libraries()
    try:
        app()
    except (TriageError, KnowledgeBaseError) as exc:
        typer.secho(f"triage: {exc}", fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None


def _plugins() -> EntryPoints:
    """Commands of packages above this one (``training``), which this one may not import by name."""
    return entry_points(group="triage.commands")
