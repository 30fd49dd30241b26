"""One summary across the tickets of a customer or a device; updated as messages come in; nobody else's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import builders
from tests.fakes.clock import START, FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.models import FakeRecogniser
from triage.domain.redaction import local_view
from triage.domain.summary import SummarySection
from triage.domain.ticket import Author, Message, Ticket
from triage.drafting.history import CustomerHistories
from triage.errors import CaseNotFound, IllegalTransition
from triage.ports import UnitOfWorkFactory
from triage.stages.extract import extract

from dataclasses import replace  # isort: skip


def message(id: str, text: str, day: int, author: Author = Author.CUSTOMER) -> Message:
    return Message(id, author, START + timedelta(days=day), text, text)


def store(units: UnitOfWorkFactory, ticket: Ticket, *, tenant: str = "default", triaged: bool = True) -> None:
    """Store a ticket with its case; facts are read from its words."""
    case = builders.received(ticket.id, tenant=tenant)
    if triaged:
        made = builders.triaged(ticket, case)
        case = replace(made, facts=extract(local_view(ticket), today=date(2026, 11, 22)))
    with units(tenant) as uow:
        uow.tickets.add_all([ticket])
        uow.cases.add_all([case])
        uow.commit()


def ticket(id: str, *messages: Message, email: str = "anna@example.com", tenant: str = "default") -> Ticket:
    return replace(builders.ticket(id, *messages, tenant=tenant, email=email), subject="", order={})


MAIL = ticket("A", message("m1", "Ekspres BrewOne K400 nie mieli kawy. Numer seryjny BO4-2210-00417.", 0),
              message("m2", "Kurier odbierze ekspres do piątku.", 1, Author.AGENT))  # fmt: skip
CHAT = ticket("B", message("m1", "Kuriera nadal nie ma. Kiedy odbierzecie ekspres?", 6))
FRIEND = ticket("C", message("m1", "Piszę za siostrę, numer seryjny BO4-2210-00417, ekspres cieknie.", 7),
                email="brat@example.com")  # fmt: skip
STRANGER = ticket("D", message("m1", "Rower VoltRide C5 hamuje słabo.", 2), email="kto@example.com")


@pytest.fixture
def histories(units_of_work: UnitOfWorkFactory) -> CustomerHistories:
    return CustomerHistories(units_of_work, FakeRecogniser(), HashingEncoder())


def test_tickets_of_the_customer_and_of_the_device_are_one_history(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory
) -> None:
    for one in (MAIL, CHAT, FRIEND, STRANGER):
        store(units_of_work, one)
    found = histories.of_case("default", "A")
    assert set(found.tickets) == {"A", "B", "C"}
    assert found.messages == 4
    text = found.summary.text
    assert "Kiedy odbierzecie ekspres?" in text
    assert "cieknie" in text
    assert "VoltRide" not in text
    ids = {one for line in found.summary.lines for one in line.message_ids}
    assert ids <= {"A/m1", "A/m2", "B/m1", "C/m1"}


def test_a_promise_of_one_ticket_is_judged_by_a_message_of_another(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory
) -> None:
    store(units_of_work, MAIL)
    store(units_of_work, CHAT)
    [promise] = histories.of_case("default", "B").summary.of(SummarySection.COMMITMENTS)
    assert "nie dotrzymano" in promise.text
    assert promise.message_ids == ("A/m2", "B/m1")


def test_a_message_that_arrives_changes_the_summary_as_a_fresh_one_would_read(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory
) -> None:
    store(units_of_work, MAIL)
    before = histories.of_case("default", "A")
    with units_of_work("default") as uow:
        uow.tickets.save(uow.tickets.get("A").with_message(message("m3", "Ekspres dotarł, dziękuję.", 9)))
        uow.commit()
    after = histories.of_case("default", "A")
    fresh = CustomerHistories(units_of_work, FakeRecogniser(), HashingEncoder()).of_case("default", "A")
    assert after == fresh != before
    assert after.messages == before.messages + 1


def test_another_tenants_tickets_are_nobodys_history(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory
) -> None:
    store(units_of_work, MAIL)
    store(units_of_work, replace(CHAT, tenant="other"), tenant="other")
    assert histories.of_case("default", "A").tickets == ("A",)
    with pytest.raises(CaseNotFound):
        histories.of_case("default", "B")


def test_a_case_that_was_not_triaged_has_no_history_yet(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory
) -> None:
    store(units_of_work, MAIL, triaged=False)
    with pytest.raises(IllegalTransition):
        histories.of_case("default", "A")


def test_a_customer_without_an_address_shares_no_history_with_others_without_one(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory
) -> None:
    store(units_of_work, ticket("E", message("m1", "Nie działa.", 0), email=""))
    store(units_of_work, ticket("F", message("m1", "Też nie działa.", 0), email=""))
    assert histories.of_case("default", "E").tickets == ("E",)


def test_two_hundred_messages_stay_within_bounds(
    histories: CustomerHistories, units_of_work: UnitOfWorkFactory, clock: FakeClock
) -> None:
    said = [message(f"m{n}", f"Wiadomość {n}: ekspres nadal nie działa, proszę o odpowiedź.", n % 60,
                    Author.AGENT if n % 2 else Author.CUSTOMER) for n in range(200)]  # fmt: skip
    store(units_of_work, ticket("G", *said))
    found = histories.of_case("default", "G")
    assert found.messages == 200
    assert len(found.summary.lines) <= 25
    assert len(found.summary.text) < 4_000
