"""``triage users``: add, list, change and disable who logs in. A password is asked for or read from standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from triage.adapters.storage.database import opened
from triage.bootstrap.people import people_of
from triage.bootstrap.system_clock import SystemClock
from triage.config import load_settings
from triage.domain.access import Role
from triage.domain.people import User
from triage.people import Accounts

users = typer.Typer(no_args_is_help=True, add_completion=False, help="The people who log in.")
console = Console()
ACTOR = "cli"
_PAGE = 500

Tenant = Annotated[str, typer.Option("--tenant", help="Whose desk.")]
Name = Annotated[str, typer.Argument(help="What they log in with, e.g. an e-mail address.")]
Team = Annotated[list[str] | None, typer.Option("--team", help="Whose cases they work on; repeatable; none: all.")]


@users.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.AGENT,
    team: Team = None,
    tenant: Tenant = "default",
    no_password: Annotated[bool, typer.Option("--no-password", help="They come by single sign-on only.")] = False,
) -> None:
    """Add a user; the password is asked for twice, or is the first line of standard input."""
    password = None if no_password else _password()
    with _accounts() as accounts:
        user = accounts.add(tenant, name, role, actor=ACTOR, password=password, teams=frozenset(team or ()))
    console.print(f"{user.name}: {user.role.value}, {user.id}")


@users.command("list")
def listing(tenant: Tenant = "default") -> None:
    """List the users of a desk."""
    table = Table("name", "role", "teams", "password", "single sign-on", "disabled", "id")
    with _accounts() as accounts:
        for user in _all(accounts, tenant):
            table.add_row(
                user.name,
                user.role.value,
                ", ".join(sorted(user.teams)) or "all",
                "yes" if user.password_hash else "no",
                "yes" if user.subject else "no",
                f"{user.disabled_at:%Y-%m-%d %H:%M}" if user.disabled_at else "",
                user.id,
            )
    console.print(table)


@users.command()
def assign(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")],
    team: Team = None,
    tenant: Tenant = "default",
) -> None:
    """Give a user another role, and other teams where any is named; their sessions end."""
    with _accounts() as accounts:
        user = accounts.named(tenant, name)
        accounts.assign(user, actor=ACTOR, role=role, teams=user.teams if team is None else frozenset(team))
    console.print(f"{user.name}: {role.value}")


@users.command()
def password(name: Name, tenant: Tenant = "default") -> None:
    """Set a user's password; their sessions end."""
    new = _password()
    with _accounts() as accounts:
        accounts.set_password(accounts.named(tenant, name), new, actor=ACTOR)
    console.print(f"{name}: password set")


@users.command()
def disable(name: Name, tenant: Tenant = "default") -> None:
    """Keep a user out from now on; their sessions end at once."""
    with _accounts() as accounts:
        accounts.disable(accounts.named(tenant, name), actor=ACTOR)
    console.print(f"{name}: disabled")


@users.command()
def enable(name: Name, tenant: Tenant = "default") -> None:
    """Let a user in again."""
    with _accounts() as accounts:
        accounts.enable(accounts.named(tenant, name), actor=ACTOR)
    console.print(f"{name}: enabled")


@contextmanager
def _accounts() -> Iterator[Accounts]:
    settings = load_settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    with opened(settings.data_dir, url) as database:
        yield people_of(database, SystemClock()).accounts


def _all(accounts: Accounts, tenant: str) -> Iterator[User]:
    after = ""
    while page := accounts.users.of_tenant(tenant, limit=_PAGE, after=after):
        yield from page
        after = page[-1].name


def _password() -> str:
    """Never an argument: those are seen by every process and kept in the shell's history."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password (15 characters or more)", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
