"""A connection that is lost in the middle of a unit of work is an outage to come back from, wherever it shows."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import text

from tests import builders
from tests.fakes.clock import FakeClock
from triage.adapters.storage.database import Database
from triage.adapters.storage.unit_of_work import SqlUnitOfWork
from triage.errors import StorageUnavailable

pytestmark = pytest.mark.postgres


def ended_by_the_server(database: Database, uow: SqlUnitOfWork) -> None:
    """As an administrator, or a server that stops, does."""
    lost = uow._session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})


def cut(database: Database, uow: SqlUnitOfWork) -> None:
    """As a server that crashes, or the network between, does."""
    connection = uow._session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    with socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("lose", [ended_by_the_server, cut])
@pytest.mark.parametrize(
    "step",
    [
        lambda uow: uow.jobs.send(builders.approval()),
        lambda uow: uow.cases.get("T1"),
        lambda uow: uow.audit.append(actor="a", action="b", subject="c", detail={}),
        lambda uow: uow.commit(),
    ],
    ids=["enqueue", "read", "write", "commit"],
)
def test_whatever_comes_next_the_caller_is_told_that_the_database_is_away_and_the_next_unit_works(
    database: Database, step: Callable[[SqlUnitOfWork], object], lose: Callable[[Database, SqlUnitOfWork], None]
) -> None:
    units = database.units_of_work(FakeClock())

    def interrupted() -> None:
        with units("default") as uow:
            uow.tickets.add_all([builders.ticket("T1")])
            lose(database, uow)
            step(uow)

    with pytest.raises(StorageUnavailable):
        interrupted()
    with units("default") as uow:
        assert uow.tickets.add_all([builders.ticket("T1")]) == {"T1"}
