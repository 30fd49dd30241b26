"""The database's time goes on by the monotonic clock, whatever this machine's clock says."""

from datetime import UTC, datetime, timedelta

from triage.adapters.storage.database_clock import DatabaseClock


def test_it_goes_on_from_what_the_database_said() -> None:
    ticking = iter([100.0, 107.5, 200.0, 201.0])
    clock, said = DatabaseClock(lambda: next(ticking)), datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
    clock.set(said)
    assert clock.now() == said + timedelta(seconds=7.5)
    clock.set(said - timedelta(hours=1))
    assert clock.now() == said - timedelta(hours=1) + timedelta(seconds=1)


def test_before_it_was_read_this_machines_time_must_do() -> None:
    before = datetime.now(UTC)
    assert before <= DatabaseClock().now() <= datetime.now(UTC)
