"""Sessions whose lost connection, and whose wait for somebody else's lock, are the product's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from triage.errors import Contended, StorageUnavailable

_CONTENTION = (LockNotAvailable, DeadlockDetected, SerializationFailure)


@contextmanager
def session_of(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open a session for the length of a ``with`` block; what was not committed is rolled back.

    Raises:
        StorageUnavailable: the database went away, or had no connection free in time.
        Contended: another transaction held what this one needs for longer than ``lock_timeout``.
    """
    try:
        with sessions() as session:  # leaving it rolls back, which a lost connection fails at too
            yield session
    except (OperationalError, InterfaceError, PoolTimeout) as exc:
        if isinstance(getattr(exc, "orig", None), _CONTENTION):
            raise Contended() from exc
        raise StorageUnavailable() from exc
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise StorageUnavailable() from exc
        raise
