"""Sessions whose lost connection is the product's own error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from triage.errors import StorageUnavailable


@contextmanager
def session_of(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open a session for the length of a ``with`` block; what was not committed is rolled back.

    Raises:
        StorageUnavailable: the database went away, or had no connection free in time.
    """
    with sessions() as session:
        try:
            yield session
        except (OperationalError, InterfaceError, PoolTimeout) as exc:
            raise StorageUnavailable() from exc
        except DBAPIError as exc:
            if exc.connection_invalidated:
                raise StorageUnavailable() from exc
            raise
