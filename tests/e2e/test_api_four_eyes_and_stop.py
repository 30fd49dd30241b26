"""Replies that need two people, and the one control that stops everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.office import Office
from tests.e2e.test_api_sessions import person, user_of
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.domain.four_eyes import FourEyes
from triage.domain.stops import EVERYBODY

pytestmark = pytest.mark.postgres


@pytest.fixture
def careful(postgres: Database, tmp_path: Path) -> Office:
    """A desk where every reply to the category of the fake triage needs two approvers."""
    return Office(postgres, tmp_path, four_eyes=FourEyes(categories=frozenset({"C03"})))


def test_nothing_is_sent_on_the_first_of_two_approvals(careful: Office) -> None:
    read = careful.pending()
    assert read.json()["category"]["code"] == "C03"
    first = careful.approve(read)
    assert (first.status_code, first.json()["state"]) == (202, "awaiting_second")
    careful.work()
    assert careful.outbox == []
    assert careful.case().json()["state"] == "pending_approval"
    listed = careful.call("GET", "/v1/cases/T1/approvals").json()
    assert (listed["approvals"], listed["awaiting_second"]["actor"]) == ([], first.json()["actor"])


def test_the_second_approver_must_be_another_person(careful: Office) -> None:
    read = careful.pending()
    careful.approve(read)
    again = careful.approve(read)
    assert (again.status_code, again.json()["type"]) == (422, "urn:triage:problem:approval-refused")
    second = careful.approve(read, role=Role.LEAD)
    assert second.status_code == 200
    key_of = {role: f"key:{key.split('_')[1]}" for role, key in careful.keys.items()}
    assert (second.json()["first_actor"], second.json()["actor"]) == (key_of[Role.APPROVER], key_of[Role.LEAD])
    careful.work()
    assert len(careful.outbox) == 1
    log = careful.call("GET", "/v1/audit?subject=T1", role=Role.ADMIN).json()["entries"]
    told = [(entry["action"], entry["actor"]) for entry in log if entry["action"].startswith("approved")]
    assert told == [("approved_first", key_of[Role.APPROVER]), ("approved", key_of[Role.LEAD])]


def test_an_edit_between_the_two_makes_the_second_approval_a_first_one(careful: Office) -> None:
    read = careful.pending()
    careful.approve(read)
    words = {"draft_digest": read.json()["draft"]["digest"], "body": "Dzień dobry, prosimy o zdjęcie."}
    careful.call("PUT", "/v1/cases/T1/draft", json=words, headers={"If-Match": read.headers["etag"]})
    assert careful.approve(careful.case(), role=Role.LEAD).status_code == 202
    assert careful.approve(careful.case(), role=Role.APPROVER).status_code == 200


def test_a_first_approval_is_too_old_after_a_day(careful: Office) -> None:
    read = careful.pending()
    careful.approve(read)
    careful.clock.advance(hours=24)
    assert careful.approve(read, role=Role.LEAD).status_code == 202
    careful.clock.advance(hours=23, minutes=59)
    assert careful.approve(read, role=Role.APPROVER).status_code == 200


def test_a_rule_that_is_stricter_by_the_time_of_sending_voids_a_single_approval(office: Office) -> None:
    assert office.approve(office.pending()).status_code == 200
    object.__setattr__(office.backend.desk, "four_eyes", FourEyes(categories=frozenset({"C03"})))
    office.work()
    assert office.outbox == []
    assert office.case().json()["state"] == "pending_approval"


def test_the_stop_holds_what_was_approved_and_lifting_it_sends_it_once(office: Office) -> None:
    office.approve(office.pending())
    pressed = office.call("PUT", "/v1/stop", role=Role.LEAD, json={"reason": "zły adres w stopce"})
    assert (pressed.status_code, pressed.json()["stopped"]) == (200, True)
    office.work()
    assert (office.outbox, office.case().json()["state"]) == ([], "approved")
    assert office.call("GET", "/v1/stop", role=Role.DPO).json()["reason"] == "zły adres w stopce"
    lifted = office.call("DELETE", "/v1/stop", role=Role.ADMIN)
    assert lifted.json() == {"resumed": 1}
    office.work()
    assert (len(office.outbox), office.case().json()["state"]) == (1, "sent")
    log = office.call("GET", "/v1/audit?subject=service", role=Role.ADMIN).json()["entries"]
    assert [entry["action"] for entry in log] == ["stopped", "stop_lifted"]


def test_what_was_held_too_long_is_not_sent_when_the_stop_is_lifted(office: Office) -> None:
    office.approve(office.pending())
    office.call("PUT", "/v1/stop", role=Role.ADMIN, json={"reason": "x"})
    office.clock.advance(hours=25)
    assert office.call("DELETE", "/v1/stop", role=Role.ADMIN).json() == {"resumed": 1}
    office.work()
    assert (office.outbox, office.case().json()["state"]) == ([], "pending_approval")


@pytest.mark.parametrize("how", ["revoked key", "expired key", "disabled", "agent now", "other team"])
def test_what_was_approved_by_who_may_no_longer_decide_when_it_would_leave_is_not_sent(
    office: Office, how: str
) -> None:
    read, person_decides = office.pending(), "key" not in how
    ola = person(office, Role.APPROVER, name="ola")
    ola.log_in()
    if person_decides:
        body = {"draft_digest": read.json()["draft"]["digest"]}
        approved = ola.call("POST", "/v1/cases/T1/approve", json=body, headers={"If-Match": read.headers["etag"]})
    else:
        approved = office.approve(read)
    assert approved.status_code == 200
    if person_decides:
        change = {"disabled": {"disabled": True}, "agent now": {"role": "agent"}, "other team": {"teams": ["x"]}}[how]
        assert (
            office.call("PATCH", f"/v1/users/{user_of(office, ola)}", role=Role.ADMIN, json=change).status_code == 200
        )
    elif how == "revoked key":
        key_id = office.keys[Role.APPROVER].split("_")[1]
        assert office.call("DELETE", f"/v1/keys/{key_id}", role=Role.ADMIN).status_code == 204
    else:
        with office.database.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE api_keys SET expires_at = %s WHERE tenant = %s AND role = 'approver'",
                (office.clock.now(), office.tenant),
            )
    office.work()
    case = office.call("GET", "/v1/cases/T1", role=Role.ADMIN).json()
    sent = how == "other team"  # still an approver
    assert (len(office.outbox), case["state"]) == ((1, "sent") if sent else (0, "pending_approval"))


def test_a_stop_pressed_twice_keeps_the_first_reason_and_is_lifted_once(office: Office) -> None:
    for reason in ("pierwszy", "drugi"):
        assert office.call("PUT", "/v1/stop", role=Role.LEAD, json={"reason": reason}).json()["reason"] == "pierwszy"
    office.call("DELETE", "/v1/stop", role=Role.ADMIN)
    assert office.call("GET", "/v1/stop").json()["stopped"] is False
    assert office.call("DELETE", "/v1/stop", role=Role.ADMIN).json() == {"resumed": 0}


def beside(office: Office, postgres: Database) -> Office:
    """Another tenant's desk, with an outbox of its own."""
    folder = office.folder / "other"
    folder.mkdir()
    return Office(postgres, folder)


def test_one_tenants_stop_does_not_stop_another(office: Office, postgres: Database) -> None:
    other = beside(office, postgres)
    other.approve(other.pending())
    office.call("PUT", "/v1/stop", role=Role.LEAD, json={"reason": "x"})
    other.work()
    assert len(other.outbox) == 1


def test_a_stop_for_everybody_holds_every_tenant_and_only_the_operator_lifts_it(
    office: Office, postgres: Database
) -> None:
    switch = office.backend.people.emergency_stop
    other = beside(office, postgres)
    approved = [(desk, desk.approve(desk.pending()).json()["id"]) for desk in (office, other)]
    switch.press(EVERYBODY, actor="cli", reason="kontrola")
    try:
        assert office.http.get("/ready").json()["stopped"] is True
        for desk, approval in approved:
            desk.send(desk.tenant, approval)
            assert desk.outbox == []
            assert desk.call("DELETE", "/v1/stop", role=Role.ADMIN).json() == {"resumed": 0}
            assert desk.call("GET", "/v1/stop").json()["for_everybody"] is True
    finally:
        assert switch.lift(EVERYBODY, actor="cli") >= 2
    for desk, approval in approved:
        desk.send(desk.tenant, approval)
        assert len(desk.outbox) == 1
    assert office.http.get("/ready").json()["stopped"] is False
