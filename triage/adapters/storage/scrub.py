"""Make deleted bytes go: rewrite every table, forget sampled values, and let no old write-ahead log segment remain.

A deleted row stays in its table's file until VACUUM, in the planner's statistics (of an emptied table even after
ANALYZE), and in the write-ahead log until a checkpoint removes the segment; a *recycled* segment keeps its old bytes
until they are overwritten.

Source: PostgreSQL 18 documentation, VACUUM (FULL), ``pg_clear_attribute_stats``, ``wal_recycle``, ``CHECKPOINT``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

logger = logging.getLogger(__name__)

_PATIENT = "SET statement_timeout = 0; SET lock_timeout = '60s'"
_MOST_SWITCHES = 1000
_TABLES = text(
    "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables"
    " WHERE schemaname = current_schema() ORDER BY relname"
)


@dataclass(frozen=True, slots=True)
class ScrubReport:
    """What was done.

    Attributes:
        tables: how many were rewritten.
        left: what this database role may not do and an administrator must, one sentence each.
    """

    tables: int
    left: tuple[str, ...] = ()


def scrub(engine: Engine) -> ScrubReport:
    """Rewrite all tables and the write-ahead log without what was deleted; writers wait meanwhile, table by table."""
    left = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _PATIENT.split(";"):
            connection.execute(text(statement))
        tables = connection.execute(_TABLES).scalars().all()
        for table in tables:
            connection.execute(text(f"VACUUM FULL {table}"))
        for what, statements in _AS_ADMINISTRATOR:
            if not _done(connection, statements):
                left.append(what)
        connection.execute(text("ANALYZE"))
        if not _new_log(connection):
            left.append("Switch the write-ahead log (pg_switch_wal) past every old segment and run CHECKPOINT twice.")
    return ScrubReport(len(tables), tuple(left))


_FORGET_SAMPLES = (
    "SELECT pg_clear_attribute_stats(schemaname::text, tablename::text, attname::text, inherited)"
    " FROM pg_stats WHERE schemaname = current_schema()"
)
_AS_ADMINISTRATOR = (
    (
        "Delete the rows of pg_statistic and run VACUUM FULL on it: it holds sampled column values.",
        (_FORGET_SAMPLES, "VACUUM FULL pg_catalog.pg_statistic"),
    ),
    (
        "Set wal_recycle = off and reload: recycled log segments keep their old bytes.",
        ("ALTER SYSTEM SET wal_recycle = off", "SELECT pg_reload_conf()"),
    ),
)


def _done(connection: Connection, statements: tuple[str, ...]) -> bool:
    try:
        for statement in statements:
            connection.execute(text(statement))
    except DBAPIError as exc:
        logger.warning("not allowed", extra={"action": "scrub_incomplete", "error": type(exc.orig).__name__})
        return False
    return True


def _new_log(connection: Connection) -> bool:
    """Move on past every segment file there is, so that the checkpoints remove them all."""
    try:
        connection.execute(text("CHECKPOINT"))
        newest = connection.execute(text("SELECT max(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'")).scalar()
        for _ in _switches(connection, str(newest)):
            connection.execute(text("SELECT pg_switch_wal()"))
        connection.execute(text("CHECKPOINT"))
        connection.execute(text("CHECKPOINT"))
    except DBAPIError as exc:
        logger.warning("not allowed", extra={"action": "scrub_incomplete", "error": type(exc.orig).__name__})
        return False
    return True


def _switches(connection: Connection, newest: str) -> Iterator[int]:
    """While the segment that is written is not newer than ``newest``; without a record no switch would happen."""
    for number in range(_MOST_SWITCHES):
        current = connection.execute(text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")).scalar()
        if str(current) > newest:
            return
        connection.execute(text("SELECT pg_logical_emit_message(false, 'triage', 'scrub')"))
        yield number
