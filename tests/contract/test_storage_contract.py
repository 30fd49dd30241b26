"""Every promise of the storage ports, kept by the fake in memory and by PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests import builders
from tests.fakes.clock import START
from triage.domain.case import CaseState, TriageCase
from triage.domain.priority import UrgencyLevel
from triage.domain.reply import Delivery
from triage.domain.ticket import Ticket
from triage.errors import AlreadyDecided, CaseNotFound, NotFound, StaleVersion, TicketNotFound
from triage.ports import QueueFilter, UnitOfWorkFactory


def store(units_of_work: UnitOfWorkFactory, *tickets: Ticket) -> None:
    for ticket in tickets:
        with units_of_work(ticket.tenant) as uow:
            uow.tickets.add_all([ticket])
            uow.cases.add_all([builders.received(ticket.id, tenant=ticket.tenant)])
            uow.commit()


def test_a_ticket_comes_back_as_it_was_stored(units_of_work: UnitOfWorkFactory) -> None:
    ticket = builders.ticket("T1", builders.message("m1"), builders.message("m2", "Ponaglam."))
    store(units_of_work, ticket)
    with units_of_work("default") as uow:
        assert uow.tickets.get("T1") == ticket


def test_nothing_is_stored_without_a_commit(units_of_work: UnitOfWorkFactory) -> None:
    with units_of_work("default") as uow:
        uow.tickets.add_all([builders.ticket()])
        assert uow.tickets.get("T1").id == "T1"
    with units_of_work("default") as uow, pytest.raises(TicketNotFound):
        uow.tickets.get("T1")


def test_an_error_inside_the_unit_of_work_rolls_it_back(units_of_work: UnitOfWorkFactory) -> None:
    with pytest.raises(StaleVersion), units_of_work("default") as uow:  # noqa: PT012 (the block is the subject)
        uow.tickets.add_all([builders.ticket()])
        uow.cases.add_all([builders.received()])
        uow.cases.save(builders.received(), expected_version=7)
    with units_of_work("default") as uow, pytest.raises(TicketNotFound):
        uow.tickets.get("T1")


def test_adding_tells_which_tickets_are_new_and_keeps_the_first(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, builders.ticket("T1", builders.message("m1", "pierwsza")))
    with units_of_work("default") as uow:
        again = builders.ticket("T1", builders.message("m9", "druga"))
        assert uow.tickets.add_all([again, builders.ticket("T2"), builders.ticket("T3")]) == {"T2", "T3"}
        uow.commit()
    with units_of_work("default") as uow:
        assert [message.text for message in uow.tickets.get("T1").messages] == ["pierwsza"]
        assert uow.tickets.add_all([]) == frozenset()


def test_saving_a_ticket_appends_its_new_messages(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, builders.ticket())
    with units_of_work("default") as uow:
        second = uow.tickets.get("T1", for_update=True).with_message(builders.message("m2", "Ponaglam."))
        uow.tickets.save(second)
        uow.commit()
    with units_of_work("default") as uow:
        stored = uow.tickets.get("T1")
    assert (stored.revision, [message.id for message in stored.messages]) == (2, ["m1", "m2"])


def test_a_whole_case_comes_back_as_it_was_stored(units_of_work: UnitOfWorkFactory) -> None:
    ticket = builders.ticket()
    store(units_of_work, ticket)
    case = builders.triaged(ticket, builders.received())
    with units_of_work("default") as uow:
        uow.cases.save(case, expected_version=1)
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.cases.get("T1") == case


def test_saving_over_a_newer_version_is_refused(units_of_work: UnitOfWorkFactory) -> None:
    ticket = builders.ticket()
    store(units_of_work, ticket)
    case = builders.triaged(ticket, builders.received())
    with units_of_work("default") as uow:
        uow.cases.save(case, expected_version=1)
        uow.commit()
    with units_of_work("default") as uow, pytest.raises(StaleVersion):
        uow.cases.save(replace(case, version=2), expected_version=1)


def test_what_is_not_there_is_not_found(units_of_work: UnitOfWorkFactory) -> None:
    with units_of_work("default") as uow:
        with pytest.raises(CaseNotFound):
            uow.cases.get("T1")
        with pytest.raises(TicketNotFound):
            uow.tickets.get("T1", for_update=True)
        with pytest.raises(NotFound):
            uow.approvals.get("apr_1")


def test_a_tenant_neither_sees_nor_touches_what_another_one_stored(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, builders.ticket("T1", tenant="alfa"), builders.ticket("T1", tenant="beta"))
    with units_of_work("alfa") as uow:
        uow.approvals.add(builders.approval(tenant="alfa"))
        uow.cases.save(replace(builders.received(tenant="alfa"), version=2), expected_version=1)
        uow.commit()
    with units_of_work("beta") as uow:
        assert uow.cases.get("T1").version == 1
        assert uow.approvals.of_case("T1") == ()
        with pytest.raises(NotFound):
            uow.approvals.get("apr_1")
    with units_of_work("gamma") as uow:
        assert uow.cases.queue(QueueFilter(), limit=10) == ()
        with pytest.raises(TicketNotFound):
            uow.tickets.get("T1")


def queued(units_of_work: UnitOfWorkFactory) -> list[TriageCase]:
    """Nine cases over three levels and three due dates, stored in an order of their own."""
    cases = []
    levels = (UrgencyLevel.P3, UrgencyLevel.P1, UrgencyLevel.P2)
    for number, level in enumerate(levels * 3):
        ticket = builders.ticket(f"T{number}")
        store(units_of_work, ticket)
        case = builders.triaged(ticket, builders.received(ticket.id), level=level)
        due = date(2026, 12, 20) - timedelta(days=number // 3)
        case = replace(case, deadlines=(replace(case.deadlines[0], safe_due=due),))
        with units_of_work("default") as uow:
            uow.cases.save(case, expected_version=1)
            uow.commit()
        cases.append(case)
    return cases


def test_the_queue_shows_the_most_urgent_first_then_the_earliest_due(units_of_work: UnitOfWorkFactory) -> None:
    queued(units_of_work)
    with units_of_work("default") as uow:
        page = uow.cases.queue(QueueFilter(), limit=9)
    assert [case.ticket_id for case in page] == ["T7", "T4", "T1", "T8", "T5", "T2", "T6", "T3", "T0"]


def test_pages_of_the_queue_join_without_gap_or_overlap(units_of_work: UnitOfWorkFactory) -> None:
    queued(units_of_work)
    with units_of_work("default") as uow:
        whole = uow.cases.queue(QueueFilter(), limit=9)
        after, walked = None, []
        while page := uow.cases.queue(QueueFilter(), limit=2, after=after):
            walked += page
            after = page[-1].ticket_id
    assert tuple(walked) == whole


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (QueueFilter(level=UrgencyLevel.P1), ["T7", "T4", "T1"]),
        (QueueFilter(safe_due_before=date(2026, 12, 19)), ["T7", "T8", "T6"]),
        (QueueFilter(category="C03", level=UrgencyLevel.P3), ["T6", "T3", "T0"]),
        (QueueFilter(category="C04"), []),
        (QueueFilter(state=CaseState.RECEIVED), []),
        (QueueFilter(state=CaseState.PENDING_APPROVAL, level=UrgencyLevel.P2), ["T8", "T5", "T2"]),
    ],
)
def test_filters_narrow_the_queue(units_of_work: UnitOfWorkFactory, filters: QueueFilter, expected: list[str]) -> None:
    queued(units_of_work)
    with units_of_work("default") as uow:
        assert [case.ticket_id for case in uow.cases.queue(filters, limit=9)] == expected


def test_whose_queue_cases_are_in_is_told_for_those_there_are(units_of_work: UnitOfWorkFactory) -> None:
    with units_of_work("default") as uow:
        uow.tickets.add_all([builders.ticket("T1"), builders.ticket("T2"), builders.ticket("T3")])
        uow.cases.add_all([replace(builders.received(one), team=team) for one, team in (("T1", "agd"), ("T2", ""))])
        uow.commit()
    with units_of_work("default") as uow:
        assert uow.cases.teams(["T1", "T2", "missing"]) == {"T1": "agd", "T2": ""}
        assert uow.cases.teams([]) == {}
    with units_of_work("other") as uow:
        assert uow.cases.teams(["T1"]) == {}


def test_a_case_holds_one_open_approval_at_a_time(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, builders.ticket())
    for state in ("granted", "claimed", "unknown"):
        with units_of_work("default") as uow:
            uow.approvals.add(builders.approval("apr_1"))
            uow.approvals.mark("apr_1", state)
            with pytest.raises(AlreadyDecided):
                uow.approvals.add(builders.approval("apr_2"))
    for state in ("void", "failed", "sent"):
        with units_of_work("default") as uow:
            uow.approvals.add(builders.approval("apr_1"))
            uow.approvals.mark("apr_1", state)
            uow.approvals.add(builders.approval("apr_2", at=START + timedelta(hours=1)))
            assert [record.approval.id for record in uow.approvals.of_case("T1")] == ["apr_1", "apr_2"]


def test_a_reply_put_off_waits_and_a_deferred_one_says_how_often_and_why(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, builders.ticket())
    with units_of_work("default") as uow:
        uow.approvals.add(builders.approval("apr_1"))
        uow.approvals.put_off("apr_1", timedelta(hours=1))
        put_off = uow.approvals.get("apr_1")
        uow.approvals.mark("apr_1", "claimed")
        uow.approvals.defer("apr_1", timedelta(hours=1), "Busy.")
        uow.commit()
    with units_of_work("default") as uow:
        deferred = uow.approvals.get("apr_1", for_update=True)
        [listed] = uow.approvals.of_case("T1")
        uow.approvals.mark("apr_1", "void")
        void = uow.approvals.get("apr_1")
    assert (put_off.state, put_off.waits, put_off.deferrals) == ("granted", True, 0)
    assert (deferred.state, deferred.waits, deferred.deferrals, deferred.deferred_because) == (
        "granted", True, 1, "Busy.",
    )  # fmt: skip
    assert listed == deferred
    assert deferred.retry_at is not None
    assert (void.state, void.waits, void.retry_at, void.deferrals) == ("void", False, None, 1)


def test_a_pause_is_one_tenants_by_one_way_out_and_is_never_shortened(units_of_work: UnitOfWorkFactory) -> None:
    with units_of_work("default") as uow:
        assert uow.sending_pauses.left("desk") == timedelta(0)
        uow.sending_pauses.begin("desk", timedelta(hours=1), "Busy.")
        uow.commit()
    with units_of_work("default") as uow:
        uow.sending_pauses.begin("desk", timedelta(minutes=1), "Still busy.")
        assert timedelta(minutes=59) < uow.sending_pauses.left("desk") <= timedelta(hours=1)
        (pause,) = uow.sending_pauses.in_force()
        assert (pause.way, pause.because) == ("desk", "Still busy.")
        assert timedelta(minutes=59) < pause.until - pause.since <= timedelta(hours=1)
        assert uow.sending_pauses.left("outbox") == timedelta(0)
    with units_of_work("other") as uow:
        assert (uow.sending_pauses.left("desk"), uow.sending_pauses.in_force()) == (timedelta(0), ())


def test_lifting_ends_a_tenants_pauses_and_no_other_ones(units_of_work: UnitOfWorkFactory) -> None:
    for tenant in ("default", "other"):
        with units_of_work(tenant) as uow:
            for way in ("outbox", "desk"):
                uow.sending_pauses.begin(way, timedelta(hours=1), "Busy.")
            uow.commit()
    with units_of_work("default") as uow:
        assert [pause.way for pause in uow.sending_pauses.lift()] == ["desk", "outbox"]
        uow.commit()
    with units_of_work("default") as uow:
        assert (uow.sending_pauses.in_force(), uow.sending_pauses.lift()) == ((), ())
    with units_of_work("other") as uow:
        assert len(uow.sending_pauses.in_force()) == 2


def test_replies_that_were_put_off_are_woken_once_and_by_their_tenant(units_of_work: UnitOfWorkFactory) -> None:
    approvals = {"default": ("T1", "T2", "T3"), "other": ("T1",)}
    for tenant, tickets in approvals.items():
        for number, ticket in enumerate(tickets):
            with units_of_work(tenant) as uow:
                uow.tickets.add_all([replace(builders.ticket(ticket), tenant=tenant)])
                granted = replace(builders.approval(), tenant=tenant, case_id=ticket, id=f"apr_{tenant}_{number}")
                uow.approvals.add(granted)
                if ticket != "T2":
                    uow.approvals.put_off(granted.id, timedelta(hours=1))
                if ticket == "T3":
                    uow.approvals.mark(granted.id, "unknown")
                    uow.approvals.put_off(granted.id, timedelta(hours=1))
                uow.commit()
    with units_of_work("default") as uow:
        assert [one.id for one in uow.approvals.wake()] == ["apr_default_0"]
        assert not uow.approvals.get("apr_default_0").waits
        assert uow.approvals.get("apr_default_2").waits  # what is unknown is read back in its own time
        assert uow.approvals.wake() == ()
        uow.commit()
    with units_of_work("other") as uow:
        assert uow.approvals.get("apr_other_0").waits


def test_an_approval_comes_back_with_what_became_of_it(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, builders.ticket())
    granted = builders.approval()
    delivery = Delivery("apr_1", "apr_1.eml", START + timedelta(minutes=3))
    with units_of_work("default") as uow:
        uow.approvals.add(granted)
        uow.approvals.mark("apr_1", "sent", delivery)
        uow.commit()
    with units_of_work("default") as uow:
        record = uow.approvals.get("apr_1", for_update=True)
    assert (record.approval, record.state, record.delivery) == (granted, "sent", delivery)


def test_many_cases_are_stored_but_those_that_somebody_changed_meanwhile(units_of_work: UnitOfWorkFactory) -> None:
    store(units_of_work, *(builders.ticket(f"T{number}") for number in range(4)))
    with units_of_work("default") as uow:
        read = uow.cases.get_all([f"T{number}" for number in range(4)])
    with units_of_work("default") as uow:
        uow.cases.save(replace(read["T2"], version=2, assignee="jan"), expected_version=1)
        uow.commit()
    triaged = [(builders.triaged(builders.ticket(one), case), case.version) for one, case in read.items()]
    with units_of_work("default") as uow:
        assert uow.cases.save_all(triaged) == {"T0", "T1", "T3"}
        uow.commit()
    with units_of_work("default") as uow:
        stored = uow.cases.get_all(["T0", "T1", "T2", "T3"])
    assert stored == {case.ticket_id: case for case, _ in triaged} | {
        "T2": replace(read["T2"], version=2, assignee="jan")
    }


def test_many_tickets_come_back_as_one_does_and_others_are_left_out(units_of_work: UnitOfWorkFactory) -> None:
    with_messages = builders.ticket("T1", builders.message("m1"), builders.message("m2", "Ponaglam."))
    store(units_of_work, with_messages, builders.ticket("T2"), builders.ticket("T3", tenant="other"))
    with units_of_work("default") as uow:
        assert uow.tickets.get_all(["T2", "T1", "T3", "nobody"]) == {"T1": with_messages, "T2": builders.ticket("T2")}
        assert set(uow.cases.get_all(["T1", "T3", "nobody"])) == {"T1"}
        assert uow.tickets.get_all([]) == uow.cases.get_all([]) == {}
