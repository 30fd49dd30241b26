"""Backup and restore of everything the service keeps: database, models, index, outbox, keys, company, documents.

A backup is taken while the service works: first the database's snapshot, then the files, so that a reply the database
knows as sent is in the outbox of the same backup. Restoring sends nothing: an approval that had not been used when the
backup was made may have been used since, so it is void and the draft waits for a person again. People who were erased
since are erased again from the tombstones, which lie beside the database.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from triage.adapters.archive import Manifest, unpacked, write_archive
from triage.adapters.storage.audit import SqlAuditLog, tenants, verify
from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.dump import DumpTools, forget_transactions, unsettled_approvals
from triage.adapters.storage.server import EmbeddedServer
from triage.approval.dispatch import Dispatch
from triage.bootstrap.privacy import open_privacy
from triage.bootstrap.system_clock import SystemClock
from triage.config import DEFAULT_TENANT, Settings
from triage.errors import StorageError

_KEYS = ("privacy.key", "webhook.key")
_JOURNAL = "tombstones.jsonl"
_DATABASE = "database.dump"
REASON = "restored from a backup"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to; ``broken_chains`` maps a tenant to the first entry that breaks its audit log."""

    made_at: str
    void_approvals: int
    erased_again: int
    broken_chains: Mapping[str, int]


def back_up(settings: Settings, target: Path) -> Manifest:
    """Write a backup to ``target``; the service may be running.

    Raises:
        StorageError: the database cannot be dumped, or the file not be written.
    """
    with tempfile.TemporaryDirectory(prefix="triage-backup-") as made, opened_as_is(settings) as url:
        stage = Path(made)
        DumpTools(url).dump(stage / _DATABASE)
        for name, source in _parts(settings).items():
            _copy(source, stage / name)
        parts = {path.name: path for path in sorted(stage.iterdir())}
        made_at = SystemClock().now().isoformat(timespec="seconds")
        version = importlib.metadata.version("after-sales-triage")
        return write_archive(target, parts, made_at=made_at, version=version)


def restore(settings: Settings, source: Path, *, replace: bool = False, tombstones: Path | None = None) -> Restored:
    """Put a backup in place; afterwards the service may be started.

    Args:
        replace: give up what is in the database and the data directory now.
        tombstones: a newer list of erased people than the backup's and the data directory's own.

    Raises:
        StorageError: no readable backup, or there is something in place and ``replace`` was not said.
    """
    with tempfile.TemporaryDirectory(prefix="triage-restore-") as made, unpacked(source, Path(made)) as manifest:
        with opened_as_is(settings) as url:
            tools = DumpTools(url)
            if not replace and tools.holds_tickets():
                raise StorageError("There are tickets in the database: say --replace to give them up.")
            tools.restore(Path(made) / _DATABASE)
        _put_files(settings, Path(made))
        _add_tombstones(settings, [Path(made) / _JOURNAL, *([tombstones] if tombstones else [])])
        return _settle(settings, manifest)


@contextmanager
def opened_as_is(settings: Settings) -> Iterator[str]:
    """The database's address, with its server running and its schema left alone, for the length of a ``with`` block."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = EmbeddedServer.start(settings.data_dir / "postgres")
    try:
        yield server.url
    finally:
        server.stop()


def _parts(settings: Settings) -> dict[str, Path]:
    """Files and folders of a backup by their name in it; the law's tables come with the program."""
    parts = {
        "models": settings.model_dir,
        "index": settings.index_dir,
        "outbox": settings.outbox,
        "company": settings.company_dir,
        "documents": settings.documents_dir,
    }
    return parts | {name: settings.data_dir / name for name in (*_KEYS, _JOURNAL)}


def _copy(source: Path, target: Path) -> None:
    """Copy what is there now; a file that goes away meanwhile was not current any more."""
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(source, target)
        except FileNotFoundError:
            return
    elif source.is_dir():
        for path in source.iterdir():
            _copy(path, target / path.name)


def _put_files(settings: Settings, made: Path) -> None:
    """Put models, index, outbox and keys where they belong; company and documents only where there are none."""
    for name, place in _parts(settings).items():
        found = made / name
        if name == _JOURNAL or not found.exists():
            continue
        if found.is_file():
            shutil.copy2(found, place)
            place.chmod(0o600)
        elif name == "outbox" or not place.exists():  # replies that left since stay: nothing is sent twice
            shutil.copytree(found, place, dirs_exist_ok=True)
        elif name in ("models", "index"):
            shutil.rmtree(place)
            shutil.copytree(found, place)


def _add_tombstones(settings: Settings, lists: list[Path]) -> None:
    journal = settings.data_dir / _JOURNAL
    known = journal.read_text("ascii").splitlines() if journal.exists() else []
    given = [line for path in lists if path.exists() for line in path.read_text("ascii").splitlines()]
    fresh = [line for line in dict.fromkeys(given) if line not in set(known)]
    with journal.open("a", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in fresh)


def _settle(settings: Settings, manifest: Manifest) -> Restored:
    """Migrate, take back what might be sent twice, erase again, and check the audit logs."""
    with _opened(settings) as database:
        void = _void_approvals(database, manifest)
    with open_privacy(settings) as office:
        erased = sum(office.desk.reapply().values())
    with _opened(settings) as database, database.sessions() as session:
        checked = {tenant: verify(session, tenant) for tenant in tenants(session)}
    broken = {tenant: position for tenant, position in checked.items() if position is not None}
    return Restored(manifest.made_at, void, erased, broken)


def _void_approvals(database: Database, manifest: Manifest) -> int:
    clock = SystemClock()
    with database.engine.begin() as connection:
        forget_transactions(connection)
        unsettled = unsettled_approvals(connection)
    dispatch = Dispatch(database.units_of_work(clock), clock)
    for tenant, approval_id in unsettled:
        dispatch.give_up(tenant, approval_id, REASON)
    with database.sessions() as session:
        for tenant in tenants(session) or (DEFAULT_TENANT,):
            log = SqlAuditLog(session, tenant, clock)
            log.append(actor="system", action="restored", subject=tenant, detail={"made_at": manifest.made_at})
        session.commit()
    return len(unsettled)


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    with opened(settings.data_dir, url, key) as database:
        yield database
