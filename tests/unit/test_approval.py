"""The one door: who may pass, what voids a pass, and what happens behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests import builders
from tests.fakes.clock import START, FakeClock
from tests.fakes.memory import Job, MemoryStore
from tests.fakes.sender import FakeSender, Weather
from triage.approval import Desk, Pauses, Reading
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.deferral import WAITS
from triage.domain.four_eyes import FirstApproval, FourEyes
from triage.domain.reply import Approval, ApprovedReply, Delivery, Draft, Finding, Severity
from triage.domain.ticket import Channel, Ticket
from triage.errors import (
    AlreadyDecided,
    ApprovalRefused,
    DeliveryDeferred,
    DeliveryUnknown,
    DraftChanged,
    IllegalTransition,
    StaleVersion,
)
from triage.people import EmergencyStop
from triage.ports import ApprovalRecord


class Bench:
    """A desk over memory with one triaged ticket, T1."""

    def __init__(self, clock: FakeClock, *, email: str = "anna@example.pl") -> None:
        self.clock, self.store, self.sender = clock, MemoryStore(), FakeSender()
        self.findings: tuple[Finding, ...] = ()
        self.casework = Casework(self.store, clock, lambda ticket: False, self._triaged)
        self.desk = Desk(self.store, clock, lambda draft, case, ticket: self.findings)
        self.casework.receive(builders.ticket(email=email))
        self.casework.triage("default", "T1")

    def _triaged(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        return builders.triaged(ticket, case, self.clock.now())

    @property
    def case(self) -> TriageCase:
        with self.store("default") as uow:
            return uow.cases.get("T1")

    @property
    def draft(self) -> Draft:
        assert self.case.draft is not None
        return self.case.draft

    @property
    def reading(self) -> Reading:
        return Reading(self.case.version, self.draft.digest)

    @property
    def actions(self) -> list[str]:
        return [step.action for step in self.store.rows.audit]

    def approve(self, **options: object) -> Approval:
        return self.desk.approve("default", "T1", actor="key:jan", reading=self.reading, **options)  # type: ignore[arg-type]

    def send(self, approval: Approval) -> Delivery | None:
        return self.desk.send("default", approval.id, self.sender)

    def state_of(self, approval: Approval) -> str:
        with self.store("default") as uow:
            return uow.approvals.get(approval.id).state


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    return Bench(clock)


def test_an_approved_reply_leaves_once_word_for_word(bench: Bench) -> None:
    draft = bench.draft
    approval = bench.approve()
    delivery = bench.send(approval)
    assert delivery is not None
    assert bench.send(approval) is None
    (left,) = bench.sender.ledger
    assert (left.subject, left.body, left.in_reply_to) == (draft.subject, draft.body, "<T1@example.pl>")
    assert left.approval.recipients == ("anna@example.pl",)
    assert bench.case.state is CaseState.SENT
    assert bench.actions == ["triaged", "approved", "claimed", "sent"]
    assert bench.store.rows.jobs[-1] == Job("send_reply", "default", approval.id)


def test_an_approval_binds_what_was_read(bench: Bench) -> None:
    read = bench.reading
    approval = bench.approve()
    assert (approval.draft_digest, approval.ticket_revision) == (read.draft_digest, 1)
    assert approval.case_version == read.case_version + 1 == bench.case.version


def test_a_version_that_is_no_longer_the_newest_is_refused(bench: Bench) -> None:
    read = bench.reading
    bench.casework.add_message("default", "T1", builders.message("m2", "Ponaglam."))
    bench.casework.triage("default", "T1")
    with pytest.raises(StaleVersion):
        bench.desk.approve("default", "T1", actor="key:jan", reading=read)


def test_a_draft_that_is_not_the_one_read_is_refused(bench: Bench) -> None:
    with pytest.raises(DraftChanged):
        bench.desk.approve("default", "T1", actor="key:jan", reading=Reading(bench.case.version, "0" * 64))


def test_a_second_approval_is_refused_and_changes_nothing(bench: Bench) -> None:
    read = bench.reading
    approval = bench.approve()
    with pytest.raises(AlreadyDecided):
        bench.desk.approve("default", "T1", actor="key:ewa", reading=read)
    assert bench.state_of(approval) == "granted"
    assert bench.actions == ["triaged", "approved"]


@pytest.mark.parametrize("severity", [Severity.BLOCK, Severity.CONFIRM, Severity.INFO])
def test_findings_guard_the_door_by_their_weight(bench: Bench, severity: Severity) -> None:
    bench.findings = (Finding("AMOUNT", severity, "Kwota bez źródła."),)
    if severity is Severity.INFO:
        assert bench.approve().confirmed == ()
        return
    with pytest.raises(ApprovalRefused, match="AMOUNT"):
        bench.approve()
    if severity is Severity.CONFIRM:
        assert bench.approve(confirmed=("AMOUNT",)).confirmed == ("AMOUNT",)
    else:
        with pytest.raises(ApprovalRefused, match="AMOUNT"):
            bench.approve(confirmed=("AMOUNT",))


def test_without_an_address_nothing_is_approved(clock: FakeClock) -> None:
    with pytest.raises(ApprovalRefused, match="address"):
        Bench(clock, email="").approve()


@pytest.mark.parametrize(
    "email", ["anna", "anna@", "@example.pl", "a b@example.pl", "a@x.pl, b@x.pl", "<a@x.pl>", "a@b@c"]
)
def test_to_what_is_no_address_nothing_is_approved_and_nothing_counts_as_sent(clock: FakeClock, email: str) -> None:
    bench = Bench(clock, email=email)
    with pytest.raises(ApprovalRefused, match="no e-mail address"):
        bench.approve()
    assert bench.case.state is CaseState.PENDING_APPROVAL


def test_an_edit_needs_its_own_approval_and_keeps_only_citations_it_still_quotes(bench: Bench) -> None:
    read = bench.reading
    edited = bench.desk.edit("default", "T1", actor="ewa", reading=read, body="Dzień dobry, wymieniamy ekspres.")
    assert (edited.state, edited.version) == (CaseState.PENDING_APPROVAL, read.case_version + 1)
    assert edited.draft is not None
    assert (edited.draft.composer, edited.draft.citations) == ("agent:ewa", ())
    with pytest.raises(StaleVersion):
        bench.desk.approve("default", "T1", actor="key:jan", reading=read)
    bench.send(bench.approve())
    assert bench.sender.ledger[0].body == "Dzień dobry, wymieniamy ekspres."


def test_an_approved_draft_cannot_be_edited(bench: Bench) -> None:
    read = bench.reading
    bench.approve()
    with pytest.raises(AlreadyDecided):
        bench.desk.edit("default", "T1", actor="ewa", reading=read, body="Inaczej")


def test_a_rejection_needs_a_reason_and_keeps_it(bench: Bench) -> None:
    with pytest.raises(ApprovalRefused):
        bench.desk.reject("default", "T1", actor="key:jan", reading=bench.reading, reason="  ")
    bench.desk.reject("default", "T1", actor="key:jan", reading=bench.reading, reason="błędna kwota")
    assert bench.case.state is CaseState.REJECTED
    assert bench.case.rejected_because == "błędna kwota"
    # the log can never forget, so words that may name a customer do not enter it
    assert "błędna kwota" not in str(bench.store.rows.audit[-1].detail)


def test_a_draft_that_changed_since_it_was_read_is_not_rejected(bench: Bench) -> None:
    read = bench.reading
    bench.desk.edit("default", "T1", actor="key:ewa", reading=read, body="Inaczej.")
    with pytest.raises(StaleVersion):
        bench.desk.reject("default", "T1", actor="key:jan", reading=read, reason="błędna kwota")
    assert (bench.case.state, bench.case.rejected_because) == (CaseState.PENDING_APPROVAL, "")


def test_a_newer_message_voids_an_approval_that_was_not_yet_sent(bench: Bench) -> None:
    approval = bench.approve()
    bench.casework.add_message("default", "T1", builders.message("m2", "Odstępuję od umowy."))
    assert bench.state_of(approval) == "void"
    assert bench.send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval)) == ([], "void")
    assert bench.case.state is CaseState.RECEIVED


@pytest.mark.parametrize(("hours", "sent"), [(23.99, True), (24.0, False)])
def test_an_approval_lives_for_a_day(bench: Bench, clock: FakeClock, hours: float, sent: bool) -> None:
    approval = bench.approve()
    clock.advance(hours=hours)
    assert (bench.send(approval) is not None) is sent
    assert bench.case.state is (CaseState.SENT if sent else CaseState.PENDING_APPROVAL)
    if not sent:
        assert bench.store.rows.audit[-1].detail["why"] == "expired"


def test_a_reply_whose_approver_may_no_longer_decide_is_not_sent(bench: Bench) -> None:
    approval = bench.approve()
    bench.store.rows.withdrawn.add(("default", approval.actor))
    assert bench.send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval)) == ([], "void")
    assert bench.case.state is CaseState.PENDING_APPROVAL
    assert bench.store.rows.audit[-1].detail["why"] == "right to decide withdrawn"


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        (lambda case: replace(case, draft=builders.draft("Zwracamy 10 000 zł.")), "draft changed"),
        (lambda case: replace(case, version=case.version + 1), "case changed"),
        (lambda case: replace(case, draft=None), "draft changed"),
        (lambda case: replace(case, state=CaseState.RECEIVED), "case changed"),
    ],
)
def test_what_was_changed_behind_the_door_is_not_sent(bench: Bench, tampering: object, why: str) -> None:
    approval = bench.approve()
    key = ("default", "T1")
    changed = bench.store.rows.cases[key] = tampering(bench.store.rows.cases[key])  # type: ignore[operator]
    assert bench.send(approval) is None
    assert bench.sender.ledger == []
    assert bench.store.rows.audit[-1].detail == {"approval": approval.id, "why": why}
    taken_back = changed.state is CaseState.RECEIVED  # whoever took it back meanwhile keeps it
    assert bench.case.state is (CaseState.RECEIVED if taken_back else CaseState.PENDING_APPROVAL)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda t: replace(t, requester=replace(t.requester, email="obcy@example.com")), "recipient changed"),
        (lambda t: t.with_message(builders.message("m2", "Odstępuję od umowy.")), "newer message"),
        (lambda t: replace(t, channel=Channel.PHONE), "channel changed"),
    ],
)
def test_a_ticket_changed_past_the_casework_is_noticed_at_the_claim(bench: Bench, changed: object, why: str) -> None:
    approval = bench.approve()
    key = ("default", "T1")
    bench.store.rows.tickets[key] = changed(bench.store.rows.tickets[key])  # type: ignore[operator]
    assert bench.send(approval) is None
    assert bench.sender.ledger == []
    assert bench.store.rows.audit[-1].detail["why"] == why


@pytest.mark.parametrize(
    ("weather", "state", "record"),
    [
        (Weather.REFUSES, CaseState.SEND_FAILED, "failed"),
        (Weather.LOST, CaseState.DELIVERY_UNKNOWN, "unknown"),
        (Weather.ANSWER_LOST, CaseState.DELIVERY_UNKNOWN, "unknown"),
    ],
)
def test_a_send_that_failed_is_never_sent_again_by_itself(
    bench: Bench, weather: Weather, state: CaseState, record: str
) -> None:
    approval = bench.approve()
    bench.sender.weather = weather
    assert bench.send(approval) is None
    assert (bench.case.state, bench.state_of(approval)) == (state, record)
    bench.sender.weather = Weather.FAIR
    left = len(bench.sender.ledger)
    assert bench.send(approval) is None
    assert len(bench.sender.ledger) == left


def test_reading_back_finds_a_reply_whose_answer_was_lost(bench: Bench) -> None:
    approval = bench.approve()
    bench.sender.weather = Weather.ANSWER_LOST
    bench.send(approval)
    assert bench.desk.reconcile("default", approval.id, bench.sender) is not None
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SENT, "sent")
    assert len(bench.sender.ledger) == 1


def test_a_person_settles_what_cannot_be_read_back(bench: Bench) -> None:
    approval = bench.approve()
    bench.sender.weather = Weather.LOST
    bench.send(approval)
    assert bench.desk.reconcile("default", approval.id, bench.sender) is None
    bench.desk.resolve("default", "T1", actor="key:ewa", delivered=False)
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SEND_FAILED, "failed")
    with pytest.raises(IllegalTransition):
        bench.desk.resolve("default", "T1", actor="key:ewa", delivered=True)


def test_nobody_settles_a_reply_while_it_is_being_sent(bench: Bench) -> None:
    class Watched(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            with pytest.raises(IllegalTransition, match="delivery_unknown"):
                bench.desk.resolve("default", "T1", actor="key:ewa", delivered=False)
            return super().send(reply)

    approval = bench.approve()
    assert bench.desk.send("default", approval.id, Watched()) is not None
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SENT, "sent")


class PausedSender(FakeSender):
    """Stands still in the middle of a send while the world goes on; then the reply leaves after all."""

    def __init__(self, bench: Bench, delivered: bool) -> None:
        super().__init__()
        self.bench, self.delivered = bench, delivered

    def send(self, reply: ApprovedReply) -> Delivery:
        self.bench.desk.reconcile("default", reply.approval.id, FakeSender())
        self.bench.desk.resolve("default", "T1", actor="key:ewa", delivered=self.delivered)
        return super().send(reply)


@pytest.mark.parametrize("delivered", [True, False])
def test_a_paused_sender_that_wakes_after_a_person_decided_leaves_the_truth_on_record(
    bench: Bench, delivered: bool
) -> None:
    approval = bench.approve()
    sender = PausedSender(bench, delivered)
    bench.desk.send("default", approval.id, sender)
    assert bench.state_of(approval) == "sent"
    assert len(sender.ledger) == 1
    # what the person decided about the case stands; the log shows what really happened after it
    assert bench.case.state is (CaseState.SENT if delivered else CaseState.SEND_FAILED)
    assert bench.actions[-1] == ("resolved" if delivered else "sent")


def test_a_message_that_came_during_a_send_is_triaged_when_it_is_settled(bench: Bench) -> None:
    approval = bench.approve()

    class Interrupted(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            bench.casework.add_message("default", "T1", builders.message("m2", "Jeszcze jedno."))
            bench.casework.triage("default", "T1")  # not due while the send is under way
            return super().send(reply)

    before = len(bench.store.rows.jobs)
    bench.desk.send("default", approval.id, Interrupted())
    assert bench.case.state is CaseState.SENT
    assert [job.task for job in bench.store.rows.jobs[before:]] == ["triage_ticket", "triage_ticket"]
    bench.casework.triage("default", "T1")
    assert (bench.case.state, bench.case.ticket_revision) == (CaseState.PENDING_APPROVAL, 3)


def test_a_reply_given_up_before_its_claim_waits_for_a_person_again(bench: Bench) -> None:
    approval = bench.approve()
    bench.desk.give_up("default", approval.id, "StorageUnavailable")
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.PENDING_APPROVAL, "void")
    assert bench.send(approval) is None
    assert bench.sender.ledger == []


def test_a_reply_given_up_after_its_claim_is_shown_as_unknown(bench: Bench) -> None:
    approval = bench.approve()

    class Broken(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            raise RuntimeError("a bug in a connector")

    with pytest.raises(RuntimeError):
        bench.desk.send("default", approval.id, Broken())
    assert bench.case.state is CaseState.SENDING
    for _ in range(2):
        bench.desk.give_up("default", approval.id, "RuntimeError")
        assert (bench.case.state, bench.state_of(approval)) == (CaseState.DELIVERY_UNKNOWN, "unknown")


def test_a_reply_that_certainly_failed_is_sent_again_only_on_a_new_approval_of_the_same_words(bench: Bench) -> None:
    first = bench.approve()
    bench.sender.weather = Weather.REFUSES
    assert bench.send(first) is None
    assert bench.case.state is CaseState.SEND_FAILED
    bench.sender.weather = Weather.FAIR
    assert bench.send(first) is None  # the old approval is used up
    second = bench.approve()
    assert bench.send(second) is not None
    assert bench.case.state is CaseState.SENT
    assert [reply.approval.id for reply in bench.sender.ledger] == [second.id]


def put_off(bench: Bench, times: int = 1) -> Approval:
    """A reply whose first tries met a busy helpdesk."""
    approval = bench.approve()
    bench.sender.weather = Weather.BUSY
    for _ in range(times):
        bench.store.waits_are_over()
        assert bench.send(approval) is None
    bench.sender.weather = Weather.FAIR
    return approval


def record_of(bench: Bench, approval: Approval) -> ApprovalRecord:
    with bench.store("default") as uow:
        return uow.approvals.get(approval.id)


def test_a_reply_that_a_busy_helpdesk_did_not_take_is_tried_again_on_the_same_approval_and_leaves_once(
    bench: Bench,
) -> None:
    approval = put_off(bench)
    record = record_of(bench, approval)
    assert (bench.case.state, record.state, record.deferrals) == (CaseState.APPROVED, "granted", 1)
    assert (record.deferred_because, record.waits) == ("Busy.", True)
    assert bench.send(approval) is None  # not before its time
    bench.store.waits_are_over()
    assert bench.send(approval) is not None
    assert bench.send(approval) is None
    assert [reply.approval for reply in bench.sender.ledger] == [approval]
    assert bench.actions[-4:] == ["claimed", "deferred", "claimed", "sent"]


def test_a_reply_that_waits_is_not_asked_for_at_the_helpdesk_meanwhile(bench: Bench) -> None:
    approval = put_off(bench)

    class NotAsked(FakeSender):
        def find_delivery(self, approval_id: str) -> Delivery | None:
            raise AssertionError("it asked for patience")

    assert bench.desk.reconcile("default", approval.id, NotAsked()) is None
    assert bench.state_of(approval) == "granted"


def test_after_the_last_try_a_person_gets_the_reply_back(bench: Bench) -> None:
    approval = put_off(bench, len(WAITS))
    assert record_of(bench, approval).deferrals == len(WAITS) == 7
    bench.sender.weather = Weather.BUSY
    bench.store.waits_are_over()
    bench.send(approval)
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SEND_FAILED, "failed")


def test_a_helpdesk_that_asks_for_more_time_than_the_approval_has_gets_no_second_try(bench: Bench) -> None:
    bench.sender.asked_s = 24 * 3600.0
    approval = put_off(bench)
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SEND_FAILED, "failed")


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        (lambda bench: bench.clock.advance(hours=24), "expired"),
        (lambda bench: bench.store.rows.withdrawn.add(("default", "key:jan")), "right to decide withdrawn"),
    ],
)
def test_everything_an_approval_binds_is_checked_again_at_each_try(
    bench: Bench, meanwhile: Callable[[Bench], None], why: str
) -> None:
    approval = put_off(bench, 2)
    bench.store.waits_are_over()
    meanwhile(bench)
    assert bench.send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval)) == ([], "void")
    assert bench.case.state is CaseState.PENDING_APPROVAL
    assert bench.store.rows.audit[-1].detail["why"] == why


def test_a_case_changed_between_two_tries_voids_the_approval(bench: Bench) -> None:
    approval = put_off(bench, 2)
    with bench.store("default") as uow:
        case = uow.cases.get("T1")
        uow.cases.save(replace(case, version=case.version + 1, team="agd"), expected_version=case.version)
        uow.commit()
    bench.store.waits_are_over()
    assert bench.send(approval) is None
    assert bench.store.rows.audit[-1].detail["why"] == "case changed"
    assert bench.sender.ledger == []


def test_a_message_that_came_during_a_try_that_was_deferred_takes_the_reply_back(bench: Bench) -> None:
    approval = bench.approve()

    class BusyMeanwhile(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            bench.casework.add_message("default", "T1", builders.message("m2", "Jeszcze jedno."))
            raise DeliveryDeferred

    bench.desk.send("default", approval.id, BusyMeanwhile())
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SEND_FAILED, "failed")
    bench.casework.triage("default", "T1")
    assert (bench.case.state, bench.case.ticket_revision) == (CaseState.PENDING_APPROVAL, 2)


def test_a_paused_sender_that_is_refused_after_its_reply_was_shown_as_unknown_does_not_try_again(bench: Bench) -> None:
    approval = bench.approve()

    class Late(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            bench.desk.reconcile("default", reply.approval.id, FakeSender())
            raise DeliveryDeferred

    bench.desk.send("default", approval.id, Late())
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SEND_FAILED, "failed")


def test_while_the_way_out_rests_no_other_reply_is_tried_and_none_counts_it_as_a_try(bench: Bench) -> None:
    put_off(bench)
    bench.casework.receive(builders.ticket("T2"))
    bench.casework.triage("default", "T2")
    with bench.store("default") as uow:
        other = uow.cases.get("T2")
    assert other.draft is not None
    reading = Reading(other.version, other.draft.digest)
    second = bench.desk.approve("default", "T2", actor="key:ewa", reading=reading)
    assert isinstance(second, Approval)
    assert bench.send(second) is None
    assert bench.sender.ledger == []
    assert (record_of(bench, second).deferrals, record_of(bench, second).waits) == (0, True)
    bench.store.waits_are_over()
    assert bench.send(second) is not None


def test_a_person_takes_back_an_approval_whose_reply_waits(bench: Bench) -> None:
    approval = put_off(bench)
    with pytest.raises(StaleVersion):
        bench.desk.withdraw("default", "T1", actor="key:ewa", reading=Reading(1, ""))
    bench.desk.withdraw("default", "T1", actor="key:ewa", reading=Reading(bench.case.version, ""))
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.PENDING_APPROVAL, "void")
    bench.store.waits_are_over()
    assert bench.send(approval) is None
    assert bench.sender.ledger == []
    with pytest.raises(IllegalTransition):
        bench.desk.withdraw("default", "T1", actor="key:ewa", reading=Reading(bench.case.version, ""))
    assert bench.send(bench.approve()) is not None


def test_what_is_unknown_is_looked_for_again_and_found_without_anybodys_doing(bench: Bench) -> None:
    approval = bench.approve()

    class Silent(FakeSender):
        def find_delivery(self, approval_id: str) -> Delivery | None:
            raise DeliveryUnknown

    bench.sender.weather = Weather.ANSWER_LOST
    bench.send(approval)
    for _ in range(2):
        assert bench.desk.reconcile("default", approval.id, Silent()) is None  # asked in vain, and later again
        record = record_of(bench, approval)
        assert (bench.case.state, record.state, record.waits) == (CaseState.DELIVERY_UNKNOWN, "unknown", True)
        bench.store.waits_are_over()
    assert bench.desk.reconcile("default", approval.id, bench.sender) is not None
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SENT, "sent")
    assert record_of(bench, approval).retry_at is None


def test_what_stays_unknown_is_looked_for_less_and_less_often_until_its_approval_has_ended(bench: Bench) -> None:
    approval, waits = bench.approve(), []
    bench.sender.weather = Weather.LOST
    bench.send(approval)
    while bench.desk.reconcile("default", approval.id, bench.sender) is None and record_of(bench, approval).waits:
        retry_at = record_of(bench, approval).retry_at
        assert retry_at is not None
        waits.append(retry_at - START)  # the fake counts from there
        bench.clock.advance(seconds=waits[-1].total_seconds())
        bench.store.waits_are_over()
    assert waits == [timedelta(minutes=2**n) for n in (0, *range(10))]
    assert bench.state_of(approval) == "unknown"  # a person decides


@pytest.mark.parametrize(("early", "again"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
def test_an_unknown_outcome_is_not_looked_for_at_the_moment_its_approval_ends(
    bench: Bench, early: timedelta, again: bool
) -> None:
    """It waits as long again as the reply is old: halfway, exactly until the end."""
    approval = bench.approve()
    bench.sender.weather = Weather.LOST
    bench.send(approval)
    half = (approval.expires_at - approval.approved_at) / 2
    bench.clock.advance(seconds=(half - early).total_seconds())
    bench.desk.reconcile("default", approval.id, bench.sender)
    assert record_of(bench, approval).waits is again


def test_while_the_way_out_rests_an_unknown_outcome_is_not_asked_for(bench: Bench) -> None:
    approval = bench.approve()
    bench.sender.weather = Weather.LOST
    bench.send(approval)

    class NotAsked(FakeSender):
        def find_delivery(self, approval_id: str) -> Delivery | None:
            raise AssertionError("it asked for patience")

    with bench.store("default") as uow:
        uow.sending_pauses.begin(bench.sender.way, timedelta(minutes=1), "Busy.")
        uow.commit()
    assert bench.desk.reconcile("default", approval.id, NotAsked()) is None
    assert record_of(bench, approval).waits


def second_ticket(bench: Bench, tenant: str = "default") -> Approval:
    """An approved reply to another ticket."""
    bench.casework.receive(replace(builders.ticket("T2"), tenant=tenant))
    bench.casework.triage(tenant, "T2")
    with bench.store(tenant) as uow:
        case = uow.cases.get("T2")
    assert case.draft is not None
    approval = bench.desk.approve(tenant, "T2", actor="key:ewa", reading=Reading(case.version, case.draft.digest))
    assert isinstance(approval, Approval)
    return approval


def test_a_helpdesk_that_rests_for_one_tenant_takes_the_replies_of_another(bench: Bench) -> None:
    put_off(bench)
    approval = second_ticket(bench, "other")
    assert bench.desk.send("other", approval.id, bench.sender) is not None
    assert [reply.approval for reply in bench.sender.ledger] == [approval]


def test_a_way_out_that_rests_holds_no_other_one_up(bench: Bench) -> None:
    put_off(bench)
    bench.sender.way = "outbox"
    assert bench.send(second_ticket(bench)) is not None


def test_a_put_off_reply_is_not_claimed_early_even_when_the_way_out_is_open_again(bench: Bench) -> None:
    approval = put_off(bench)
    bench.store.rows.pauses.clear()
    assert bench.send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval)) == ([], "granted")
    assert bench.actions[-1] == "deferred"  # it was not even claimed


def test_whoever_knows_that_the_helpdesk_is_back_has_what_was_put_off_tried_at_once(bench: Bench) -> None:
    pauses, waiting = Pauses(bench.store), [put_off(bench), second_ticket(bench)]
    assert bench.send(waiting[1]) is None
    (resting,) = pauses.in_force("default")
    assert (resting.way, resting.because) == ("fake", "Busy.")
    jobs = len(bench.store.rows.jobs)
    assert pauses.lift("default", actor="key:ola") == 2
    assert pauses.in_force("default") == ()
    queued = [(job.task, job.subject) for job in bench.store.rows.jobs[jobs:]]
    assert queued == [("send_reply", approval.id) for approval in waiting]
    step = bench.store.rows.audit[-1]
    assert (step.actor, step.action) == ("key:ola", "sending_pause_lifted")
    assert step.detail == {"ways": "fake", "replies": "2"}
    assert all(bench.send(approval) is not None for approval in waiting)


def test_lifting_changes_nothing_where_nothing_rests_and_nothing_of_another_tenant(bench: Bench) -> None:
    approval, steps = put_off(bench), len(bench.store.rows.audit)
    assert Pauses(bench.store).lift("other", actor="key:ola") == 0
    assert len(bench.store.rows.audit) == steps
    assert record_of(bench, approval).waits
    assert bench.send(approval) is None


def test_a_reply_that_was_woken_is_checked_like_any_other(bench: Bench) -> None:
    approval = put_off(bench)
    bench.clock.advance(hours=24)
    assert Pauses(bench.store).lift("default", actor="key:ola") == 1
    assert bench.send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval)) == ([], "void")
    assert bench.store.rows.audit[-1].detail["why"] == "expired"


def test_the_log_keeps_what_was_bound_and_what_became_of_it_by_ids_and_digests(bench: Bench) -> None:
    bench.findings = (Finding("AMOUNT", Severity.CONFIRM, "Kwota bez źródła."),)
    read = bench.reading
    approval = bench.approve(confirmed=("AMOUNT",))
    bench.send(approval)
    approved, claimed, sent = bench.store.rows.audit[-3:]
    assert approved.detail == {
        "approval": approval.id,
        "digest": read.draft_digest,
        "version": str(read.case_version + 1),
        "revision": "1",
        "confirmed": "AMOUNT",
        "first": "",
        "answers": "false",
    }
    assert claimed.detail == {"approval": approval.id}
    assert sent.detail == {"approval": approval.id, "reference": f"{approval.id}.eml"}
    assert {step.subject for step in (approved, claimed, sent)} == {"T1"}
    assert (approved.actor, claimed.actor, sent.actor) == ("key:jan", "system", "system")


def test_the_log_counts_the_tries_of_a_reply_that_was_put_off(bench: Bench) -> None:
    approval = put_off(bench, 2)
    tries = [step.detail for step in bench.store.rows.audit if step.action == "deferred"]
    assert tries == [{"approval": approval.id, "deferrals": str(number)} for number in (1, 2)]


def test_an_approval_names_the_recipient_and_the_channel_of_the_ticket(bench: Bench) -> None:
    approval = bench.approve()
    with bench.store("default") as uow:
        ticket = uow.tickets.get("T1")
    assert (approval.recipients, approval.channel) == ((ticket.requester.email,), ticket.channel)


def test_a_case_without_a_draft_can_be_neither_approved_nor_edited(bench: Bench) -> None:
    bench.store.rows.cases["default", "T1"] = replace(bench.case, draft=None)
    reading = Reading(bench.case.version, "0" * 64)
    with pytest.raises(ApprovalRefused, match="no draft"):
        bench.desk.approve("default", "T1", actor="key:jan", reading=reading)
    with pytest.raises(ApprovalRefused, match="no draft"):
        bench.desk.edit("default", "T1", actor="key:jan", reading=reading, body="Dzień dobry.")


def test_under_the_emergency_stop_nothing_is_claimed_and_what_was_approved_leaves_after_it(bench: Bench) -> None:
    approval, stop = bench.approve(), EmergencyStop(bench.store, bench.clock)
    stop.press("default", actor="key:ola", reason="zły adres")
    assert bench.send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval), bench.case.state) == ([], "granted", CaseState.APPROVED)
    assert stop.lift("default", actor="key:ola") == 1
    assert bench.send(approval) is not None


def test_a_stop_for_everybody_holds_each_tenant_and_outlasts_the_end_of_its_own(bench: Bench) -> None:
    approval, stop = bench.approve(), EmergencyStop(bench.store, bench.clock)
    stop.press("*", actor="cli", reason="awaria")
    stop.press("default", actor="key:ola", reason="zły adres")
    assert stop.lift("default", actor="key:ola") == 0
    assert bench.send(approval) is None
    assert stop.lift("*", actor="cli") == 1
    assert bench.send(approval) is not None


def four_eyed(bench: Bench) -> Bench:
    """Every reply of the fake triage's category needs two approvers."""
    bench.desk = replace(bench.desk, four_eyes=FourEyes(categories=frozenset({"C03"})))
    assert bench.case.classification is not None
    assert bench.case.classification.code == "C03"
    return bench


def test_on_the_first_of_two_approvals_nothing_can_be_sent(bench: Bench) -> None:
    first = four_eyed(bench).approve()
    assert isinstance(first, FirstApproval)
    assert (first.actor, first.draft_digest, first.case_version) == ("key:jan", bench.draft.digest, bench.case.version)
    assert (bench.case.state, bench.store.rows.approvals) == (CaseState.PENDING_APPROVAL, {})
    assert [job.task for job in bench.store.rows.jobs] == ["triage_ticket"]
    step = bench.store.rows.audit[-1]
    assert step.detail == {"digest": bench.draft.digest, "version": str(bench.case.version), "why": "category"}


def test_the_second_of_two_approvers_is_another_person_and_their_approval_names_both(bench: Bench) -> None:
    four_eyed(bench).approve()
    with pytest.raises(ApprovalRefused, match="another person"):
        bench.approve()
    second = bench.desk.approve("default", "T1", actor="key:ewa", reading=bench.reading)
    assert isinstance(second, Approval)
    assert (second.first_actor, second.actor, set(second.actors)) == ("key:jan", "key:ewa", {"key:jan", "key:ewa"})
    assert bench.store.rows.audit[-1].detail["first"] == "key:jan"
    assert bench.send(second) is not None


@pytest.mark.parametrize("hours", [23.99, 24.0])
def test_a_first_approval_stands_for_a_day(bench: Bench, clock: FakeClock, hours: float) -> None:
    four_eyed(bench).approve()
    clock.advance(hours=hours)
    second = bench.desk.approve("default", "T1", actor="key:ewa", reading=bench.reading)
    assert isinstance(second, Approval if hours < 24 else FirstApproval)


def test_a_first_approval_of_other_words_does_not_count(bench: Bench) -> None:
    four_eyed(bench).approve()
    bench.desk.edit("default", "T1", actor="ewa", reading=bench.reading, body="Inaczej.")
    assert isinstance(bench.desk.approve("default", "T1", actor="key:ewa", reading=bench.reading), FirstApproval)


@pytest.mark.parametrize("lost", ["key:jan", "key:ewa"])
def test_neither_of_two_approvers_may_have_lost_the_right_to_decide(bench: Bench, lost: str) -> None:
    four_eyed(bench).approve()
    second = bench.desk.approve("default", "T1", actor="key:ewa", reading=bench.reading)
    assert isinstance(second, Approval)
    bench.store.rows.withdrawn.add(("default", lost))
    assert bench.send(second) is None
    assert bench.store.rows.audit[-1].detail["why"] == "right to decide withdrawn"


def test_a_rule_for_two_that_came_after_a_single_approval_voids_it(bench: Bench) -> None:
    approval = bench.approve()
    assert four_eyed(bench).send(approval) is None
    assert (bench.sender.ledger, bench.state_of(approval)) == ([], "void")
    assert bench.store.rows.audit[-1].detail["why"] == "second approver missing"


def test_what_was_sent_is_not_called_unknown_because_the_helpdesk_no_longer_has_it(bench: Bench) -> None:
    approval = bench.approve()
    bench.send(approval)
    assert bench.desk.reconcile("default", approval.id, FakeSender()) is None
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SENT, "sent")


def test_an_interrupted_send_whose_helpdesk_cannot_be_asked_stays_claimed_until_it_is_given_up(bench: Bench) -> None:
    approval = bench.approve()

    class Dies(FakeSender):
        def send(self, reply: ApprovedReply) -> Delivery:
            raise RuntimeError("killed")

        def find_delivery(self, approval_id: str) -> Delivery | None:
            raise DeliveryUnknown

    with pytest.raises(RuntimeError):
        bench.desk.send("default", approval.id, Dies())
    with pytest.raises(DeliveryUnknown):
        bench.desk.reconcile("default", approval.id, Dies())
    assert (bench.case.state, bench.state_of(approval)) == (CaseState.SENDING, "claimed")


def test_a_helpdesk_that_asks_for_more_time_than_one_reply_has_is_left_alone_by_the_others(bench: Bench) -> None:
    bench.sender.asked_s = 24 * 3600.0
    put_off(bench)
    second = second_ticket(bench)
    assert bench.send(second) is None
    assert record_of(bench, second).waits
