"""Before anybody is answered: the database open, and the first API key made and shown once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from triage.adapters.storage.changes import SqlChangeFeed
from triage.adapters.storage.database import opened
from triage.adapters.storage.keys import SqlKeyStore
from triage.bootstrap.system_clock import SystemClock
from triage.config import DEFAULT_TENANT, Settings
from triage.domain.access import Role
from triage.domain.api_keys import issue_key
from triage.domain.outbound import ChangePosition
from triage.ports import Clock


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the processes of one service have in common.

    Attributes:
        first_key: text of the key that was just made, if any.
        newest_change: where the service began; metrics count what came after.
    """

    keys: SqlKeyStore
    first_key: str | None
    newest_change: ChangePosition


@contextmanager
def prepared(settings: Settings) -> Iterator[Prepared]:
    """Keep the database open, without any model, for the length of a ``with`` block.

    Raises:
        StorageUnavailable: the database cannot be opened.
    """
    clock = SystemClock()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        keys = SqlKeyStore(database.sessions, clock)
        first_key = first_admin_key(keys, clock) if is_loopback(settings.host) else None
        yield Prepared(keys, first_key, SqlChangeFeed(database.sessions, clock).newest())


def first_admin_key(keys: SqlKeyStore, clock: Clock) -> str | None:
    """Create an admin key when no key is in force; returns its text, to be shown once."""
    if keys.any_in_force():
        return None
    issued = issue_key(DEFAULT_TENANT, "first admin", Role.ADMIN, clock.now())
    keys.add(issued.key, actor="system")
    return issued.text


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``; elsewhere the first key must be made before listening."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
