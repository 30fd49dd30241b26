"""Replies that certainly did not leave: workers try them again, on the approval that was given, until they left."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.fakes.helpdesk import RunningHelpdesk, started
from tests.integration.test_faults_under_load import let_waits_pass
from tests.integration.test_workers import Crew, wait_until
from tests.integration.victims import House
from triage.adapters.storage.database import Database
from triage.approval import Pauses
from triage.domain.case import CaseState
from triage.domain.deferral import LONGEST_PAUSE
from triage.ports import ApprovalRecord

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "outbox").mkdir()
    house = House.at(database.url, tmp_path / "outbox")
    yield house
    house.units_of_work.sessions.kw["bind"].dispose()  # type: ignore[attr-defined]


@pytest.fixture
def helpdesk(house: House) -> Iterator[RunningHelpdesk]:
    with started(house.outbox.folder / "helpdesk", mood="429") as running:
        yield running


@pytest.fixture
def crew(database: Database, house: House) -> Iterator[Crew]:
    crew = Crew(database.url, house.outbox.folder)
    for _ in range(2):
        crew.start()
    yield crew
    crew.dismiss()


def record(house: House, ticket: str) -> ApprovalRecord:
    with house.units_of_work("default") as uow:
        return uow.approvals.of_case(ticket)[-1]


def test_replies_refused_for_the_moment_leave_once_each_when_the_helpdesk_takes_them_again(
    database: Database, house: House, helpdesk: RunningHelpdesk, crew: Crew
) -> None:
    tickets = [f"T{number}" for number in range(5)]
    for ticket in tickets:
        for step in (house.receive, house.triage, house.approve):
            step(ticket)
    wait_until(lambda: all(record(house, ticket).waits for ticket in tickets), 60)
    # the helpdesk asked for an hour: after the first refusals, by as many workers as there are, nobody asked again
    assert 1 <= sum(record(house, ticket).deferrals for ticket in tickets) <= 2
    asked = sum(record(house, ticket).retry_at is not None for ticket in tickets)
    with database.engine.connect() as connection:
        first = "SELECT min(retry_at - now()) > interval '59 minutes' FROM approvals WHERE deferrals > 0"
        assert connection.execute(text(first)).scalar_one()
    assert (asked, helpdesk.ledger) == (5, [])

    helpdesk.be("fair")

    def sent() -> bool:
        let_waits_pass(database)
        return {record(house, one).state for one in tickets} == {"sent"}

    wait_until(sent, 60)
    assert sorted(reply["ticket_id"] for reply in helpdesk.ledger) == tickets
    assert all(reply["id"] == record(house, reply["ticket_id"]).approval.id for reply in helpdesk.ledger)


def test_a_reply_that_waits_holds_no_newer_message_of_its_ticket_back(
    database: Database, house: House, helpdesk: RunningHelpdesk, crew: Crew
) -> None:
    for step in (house.receive, house.triage, house.approve):
        step("T1")
    wait_until(lambda: record(house, "T1").waits, 60)
    house.add_message("T1")

    def triaged() -> bool:
        with house.units_of_work("default") as uow:
            case = uow.cases.get("T1")
        return (case.state, case.ticket_revision) == (CaseState.PENDING_APPROVAL, 2)

    wait_until(triaged, 60)
    assert record(house, "T1").state == "void"
    assert helpdesk.ledger == []


def test_a_reply_that_is_put_off_while_the_pause_is_being_lifted_is_woken_with_the_others(house: House) -> None:
    """Else it would wait out a pause that is over, for up to an hour, and nobody would see why."""
    for step in (house.receive, house.triage, house.approve):
        step("T1")
    approval = record(house, "T1").approval
    with house.units_of_work("default") as uow:
        uow.sending_pauses.begin("desk", timedelta(hours=1), "Busy.")
        uow.commit()
    with ThreadPoolExecutor(1) as beside:
        with house.units_of_work("default") as uow:
            left = uow.sending_pauses.left("desk")
            lifting = beside.submit(Pauses(house.units_of_work).lift, "default", actor="key:ola")
            with pytest.raises(TimeoutError):
                lifting.result(timeout=0.5)
            uow.approvals.put_off(approval.id, left)
            uow.commit()
        assert lifting.result(timeout=30) == 1
    assert not record(house, "T1").waits


def test_a_pause_that_began_while_a_claim_was_under_way_holds_that_claim_too(house: House) -> None:
    """The helpdesk asked for an hour, the longest there is, a moment after the transaction of the claim began."""
    with house.units_of_work("default") as claim:
        assert claim.sending_pauses.left("desk") == timedelta(0)
        with house.units_of_work("default") as uow:
            uow.sending_pauses.begin("desk", LONGEST_PAUSE, "Busy.")
            uow.commit()
        assert claim.sending_pauses.left("desk") >= LONGEST_PAUSE
        assert [pause.way for pause in claim.sending_pauses.in_force()] == ["desk"]


def test_a_clock_that_is_set_back_does_not_bring_an_old_pause_to_life(database: Database, house: House) -> None:
    with house.units_of_work("default") as uow:
        uow.sending_pauses.begin("desk", timedelta(minutes=30), "Busy.")
        uow.commit()
    set_back = text("UPDATE sending_pauses SET until = until + interval '5 hours'")
    with database.engine.begin() as connection:
        connection.execute(set_back)
    with house.units_of_work("default") as uow:
        assert uow.sending_pauses.left("desk") == timedelta(0)
        uow.sending_pauses.begin("desk", timedelta(minutes=30), "Busy.")
        assert timedelta(minutes=29) < uow.sending_pauses.left("desk") <= timedelta(minutes=30)


def test_a_reply_whose_answer_was_lost_is_found_once_the_helpdesk_can_be_asked(
    database: Database, house: House, helpdesk: RunningHelpdesk, crew: Crew
) -> None:
    helpdesk.be("kept_500")
    for step in (house.receive, house.triage, house.approve):
        step("T1")
    wait_until(lambda: record(house, "T1").state == "unknown" and record(house, "T1").waits, 60)
    assert [reply["ticket_id"] for reply in helpdesk.ledger] == ["T1"]
    helpdesk.be("fair")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE approvals SET retry_at = now()"))
    wait_until(lambda: record(house, "T1").state == "sent", 60)
    assert len(helpdesk.ledger) == 1
