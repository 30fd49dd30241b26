"""Whichever way words are looked for, pages of the queue hold the same cases in the same order."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from triage.adapters.storage import named
from triage.adapters.storage.database import Database
from triage.adapters.storage.unit_of_work import SqlUnitOfWorkFactory
from triage.domain.case import TriageCase
from triage.domain.folding import words_of
from triage.domain.priority import UrgencyLevel
from triage.ports import QueueFilter
from triage.ports.queue import QueueOrder

pytestmark = pytest.mark.postgres
LEVELS = list(UrgencyLevel)


@pytest.fixture
def desk(database: Database) -> tuple[SqlUnitOfWorkFactory, str, list[str]]:
    """40 tickets: a third about a kettle, three about a toaster, one about an iron; and their ids by urgency."""
    units, tenant = database.units_of_work(FakeClock()), uuid.uuid4().hex
    subjects = ["Czajnik cieknie" if number % 3 == 0 else "Opóźniona paczka" for number in range(40)]
    for number in (5, 19, 32):
        subjects[number] = "Toster przypala"
    subjects[23] = "Żelazko i czajnik"
    tickets = [
        replace(builders.ticket(f"T{number:02}", tenant=tenant), subject=subject)
        for number, subject in enumerate(subjects)
    ]
    with units(tenant) as uow:
        uow.tickets.add_all(tickets)
        uow.cases.add_all([_case(ticket.id, tenant, number) for number, ticket in enumerate(tickets)])
        uow.commit()
    by_urgency = sorted(range(40), key=lambda number: (LEVELS[number % 4], number))
    return units, tenant, [f"{number:02} {subjects[number]}" for number in by_urgency]


def _case(ticket_id: str, tenant: str, number: int) -> TriageCase:
    received = builders.received(ticket_id, tenant=tenant)
    ticket = builders.ticket(ticket_id, tenant=tenant)
    return replace(builders.triaged(ticket, received, level=LEVELS[number % 4]), tenant=tenant)


BOUNDS = ("FIRST_WALK", "FREQUENT", "RARE", "MANY", "LAST_WALK", "LONG_WALK")


@pytest.mark.parametrize(
    "bounds",
    [
        (300, 10, 500, 20_000, 20_000, 100_000),  # as they are
        (5, 1, 5, 10, 10, 10),
        (2, 9, 0, 40, 3, 3),  # all tickets that hold the words are read, and the walk past them is too short
        (2, 9, 0, 40, 3, 100),  # and is not
        (2, 9, 0, 0, 3, 3),  # too many to be read: one by one, not far enough
        (2, 0, 0, 0, 100, 0),  # far enough
        (0, 0, 100, 0, 0, 0),
        (0, 9, 0, 0, 0, 0),
    ],
)
def test_pages_by_words_join_to_what_holds_the_words(
    desk: tuple[SqlUnitOfWorkFactory, str, list[str]], monkeypatch: pytest.MonkeyPatch, bounds: tuple[int, ...]
) -> None:
    units, tenant, by_urgency = desk
    for name, bound in zip(BOUNDS, bounds, strict=True):
        monkeypatch.setattr(named, name, bound)
    for text in ("czajnik", "czaj", "toster", "zelazko", "czajnik zelazko", "mikser", "t1"):
        wanted = words_of(text)
        expected = [line[:2] for line in by_urgency if _holds(words_of(f"T{line}"), wanted)]
        for order, ids in (
            (QueueOrder.URGENCY, expected),
            (QueueOrder.NEWEST, sorted(expected, reverse=True)),
            (QueueOrder.RECEIVED, sorted(expected)),
            (QueueOrder.SAFE_DUE, sorted(expected)),
        ):
            assert _joined_pages(units, tenant, QueueFilter(words=wanted, order=order)) == ids, (text, order)
            most_urgent = [one for one in ids if LEVELS[int(one) % 4] is LEVELS[0]]
            filters = QueueFilter(words=wanted, order=order, level=LEVELS[0])
            assert _joined_pages(units, tenant, filters) == most_urgent, (text, order)


def _holds(there: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return all(any(word.startswith(beginning) for word in there) for beginning in wanted)


def _joined_pages(units: SqlUnitOfWorkFactory, tenant: str, filters: QueueFilter) -> list[str]:
    seen: list[str] = []
    while True:
        with units(tenant) as uow:
            page = uow.cases.queue(filters, limit=4, after=f"T{seen[-1]}" if seen else None)
        seen += [case.ticket_id[1:] for case in page]
        if len(page) < 4:
            return seen
