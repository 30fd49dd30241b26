"""Dumping and restoring the database with PostgreSQL's own tools, embedded server or configured one alike.

The tools are those of the embedded PostgreSQL 18; they dump any older server. Connection data go to them by
environment, never on a command line that others can read.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, text

from triage.adapters.storage.server import program
from triage.errors import StorageError

_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DumpTools:
    """``pg_dump`` and ``pg_restore`` against one database."""

    url: str

    def dump(self, target: Path) -> None:
        """Write one consistent snapshot, in PostgreSQL's custom format; the service may go on working.

        Raises:
            StorageError: the tool failed; says how.
        """
        self._run("pg_dump", "--format=custom", "--compress=6", "--no-owner", "--no-privileges", f"--file={target}")

    def restore(self, source: Path) -> None:
        """Put a dump into the database, in one transaction, in place of everything that is in it.

        Raises:
            StorageError: the tool failed; the database is as it was, or empty.
        """
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        self._run(
            "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
            f"--dbname={conninfo_to_dict(self.url)['dbname']}", str(source),
        )  # fmt: skip

    def holds_tickets(self) -> bool:
        """Whether there is something in the database that a restore would replace."""
        with psycopg.connect(self.url) as connection:
            known = connection.execute("SELECT to_regclass('public.tickets')").fetchone()
            if known is None or known[0] is None:
                return False
            return connection.execute("SELECT 1 FROM tickets LIMIT 1").fetchone() is not None

    def _run(self, tool: str, *arguments: str) -> None:
        given = conninfo_to_dict(self.url)
        environment = {name: str(given[key]) for key, name in _VARIABLES.items() if given.get(key) is not None}
        command = [str(program(tool)), *arguments]
        done = subprocess.run(command, env={"LC_ALL": "C"} | environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            raise StorageError(f"{tool} failed: {lines[0][:300]}")


def forget_transactions(connection: Connection) -> None:
    """Put restored changes before all that come: a new server counts its transactions from the beginning."""
    connection.execute(text("UPDATE case_changes SET xact = 0"))
    connection.execute(text("DELETE FROM procrastinate_workers"))


def unsettled_approvals(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Tenant and id of approvals whose reply may have left since the backup was made."""
    found = connection.execute(text("SELECT tenant, id FROM approvals WHERE state IN ('granted', 'claimed')"))
    return tuple((row.tenant, row.id) for row in found)
