"""How long a session lasts, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.clock import START
from triage.domain.access import Role
from triage.domain.people import Session, new_user

SECOND = timedelta(seconds=1)
USER = new_user("default", "anna@example.com", Role.AGENT, START)


@pytest.mark.parametrize(
    ("seen", "asked", "in_force"),
    [
        (timedelta(0), timedelta(minutes=30) - SECOND, True),
        (timedelta(0), timedelta(minutes=30), False),
        (timedelta(hours=11, minutes=45), timedelta(hours=12) - SECOND, True),
        (timedelta(hours=11, minutes=45), timedelta(hours=12), False),
    ],
)
def test_a_session_ends_when_it_is_idle_for_half_an_hour_or_twelve_hours_old(
    seen: timedelta, asked: timedelta, in_force: bool
) -> None:
    assert Session(USER, START, START + seen).in_force(START + asked) is in_force


def test_a_session_of_a_disabled_user_is_not_in_force_even_where_it_was_not_ended() -> None:
    assert Session(USER, START, START).in_force(START)
    assert not Session(replace(USER, disabled_at=START), START, START).in_force(START)
