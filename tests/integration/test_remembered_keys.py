"""Keys that were asked for a moment ago are not asked for again, and a revocation elsewhere is noticed in time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.fakes.clock import FakeClock
from triage.adapters.storage.database import Database
from triage.adapters.storage.keys import REMEMBERED_S, SqlKeyStore
from triage.domain.access import Role
from triage.domain.api_keys import ApiKey, issue_key

pytestmark = pytest.mark.postgres


class Watch:
    s = 0.0

    def __call__(self) -> float:
        return self.s


class TwoProcesses:
    """Two key stores over one database, as two API processes have them, on one watch."""

    def __init__(self, database: Database) -> None:
        self.database, self.watch, clock = database, Watch(), FakeClock()
        self.here = SqlKeyStore(database.sessions, clock, self.watch)
        self.there = SqlKeyStore(database.sessions, clock, self.watch)
        tenant = uuid.uuid4().hex
        self.keys = [issue_key(tenant, f"key {n}", Role.ADMIN, clock.now()).key for n in range(3)]
        for key in self.keys:
            self.here.add(key, actor="test")

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that are sent meanwhile."""
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)


@pytest.fixture
def two(database: Database) -> TwoProcesses:
    return TwoProcesses(database)


def revoked(key: ApiKey | None) -> bool:
    assert key is not None
    return key.revoked_at is not None


def test_a_revocation_by_another_process_is_noticed_after_two_seconds_at_most(two: TwoProcesses) -> None:
    key = two.keys[0]
    assert not revoked(two.here.find(key.id))
    two.there.revoke(key.tenant, key.id, actor="test")
    assert not revoked(two.here.find(key.id))
    two.watch.s += REMEMBERED_S
    assert two.here.recall(key.id) is None
    assert revoked(two.here.find(key.id))
    assert revoked(two.here.recall(key.id))
    assert REMEMBERED_S <= 5


def test_a_revocation_by_the_same_process_holds_at_once(two: TwoProcesses) -> None:
    key = two.keys[0]
    two.here.find(key.id)
    two.here.revoke(key.tenant, key.id, actor="test")
    assert two.here.recall(key.id) is None
    assert revoked(two.here.find(key.id))


def test_a_key_is_never_remembered_longer_because_others_are_asked_for(two: TwoProcesses) -> None:
    first, second, _ = two.keys
    two.here.find(first.id)
    two.there.revoke(first.tenant, first.id, actor="test")
    two.watch.s += REMEMBERED_S - 0.1
    two.here.find(second.id)
    two.watch.s += 0.1
    assert revoked(two.here.find(first.id))


def test_keys_in_use_are_read_again_together_and_an_unknown_one_costs_no_more_than_itself(two: TwoProcesses) -> None:
    for key in two.keys:
        two.here.find(key.id)
    two.watch.s += REMEMBERED_S
    with two.counted() as sent:
        found = [two.here.find(key.id) for key in two.keys]
    assert found == two.keys
    assert len(sent) == 1
    with two.counted() as sent:
        assert two.here.find("abcd2345") is None
        assert [two.here.recall(key.id) for key in two.keys] == two.keys
    assert len(sent) == 1
