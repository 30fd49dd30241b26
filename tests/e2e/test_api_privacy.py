"""Rights of the people whose data are stored, over HTTP: plan, export, erase, retention."""

from __future__ import annotations

import pytest

from tests.e2e.office import Office
from triage.domain.access import Role

pytestmark = pytest.mark.postgres
ANNA = {"emails": ["Anna@Example.com"]}


def ask(office: Office, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, object]]:
    answer = office.call("POST", f"/v1/privacy/{path}", role=Role.DPO, json=body, headers=headers)
    return answer.status_code, answer.json()


def test_a_person_is_planned_exported_and_erased(office: Office) -> None:
    office.pending("T1")
    status, plan = ask(office, "plan", ANNA)
    assert status == 200
    assert [(one["ticket_id"], one["why"], one["open"]) for one in plan["tickets"]] == [("T1", "requester", True)]
    status, copy = ask(office, "export", ANNA)
    assert status == 200
    assert "anna@example.com" in str(copy["data"])
    assert "anna@example.com" in str(copy["text"])
    status, done = ask(office, "erase", {"person": ANNA, "plan_digest": plan["digest"]})
    assert status == 200
    assert (done["deleted"], done["left_to_administrator"]) == (1, [])
    assert int(str(done["tables_rewritten"])) > 10
    assert ask(office, "plan", ANNA)[1]["tickets"] == []
    assert office.case("T1").status_code == 404
    audit = office.call("GET", "/v1/audit?verify=true", role=Role.DPO).json()
    assert audit["intact"] is True
    assert {"privacy_exported", "privacy_erased", "privacy_delete"} <= {entry["action"] for entry in audit["entries"]}
    assert "anna@example.com" not in str(audit)


def test_a_plan_that_is_no_longer_true_is_refused_and_changes_nothing(office: Office) -> None:
    office.pending("T1")
    _, plan = ask(office, "plan", ANNA)
    office.pending("T2")
    status, problem = ask(office, "erase", {"person": ANNA, "plan_digest": plan["digest"]})
    assert (status, problem["type"]) == (412, "urn:triage:problem:plan-changed")
    assert office.case("T1").status_code == 200


def test_a_late_request_about_an_erased_ticket_is_answered_gone(office: Office) -> None:
    office.pending("T1")
    _, plan = ask(office, "plan", ANNA)
    ask(office, "erase", {"person": ANNA, "plan_digest": plan["digest"]})
    again = office.receive("T1")
    assert (again.status_code, again.json()["type"]) == (410, "urn:triage:problem:subject-erased")


def test_an_exported_copy_is_not_kept_for_a_repeated_request(office: Office) -> None:
    office.pending("T1")
    first = ask(office, "export", ANNA, **{"Idempotency-Key": "k1"})
    again = ask(office, "export", ANNA, **{"Idempotency-Key": "k1"})
    assert first[1]["text"]
    assert again == (200, {"data": None, "text": None})


def test_nobody_is_meant_by_a_name_alone(office: Office) -> None:
    status, problem = ask(office, "plan", {"name": "Jan Kowalski"})
    assert status == 422
    assert "together with an order" in str(problem["detail"])


def test_the_retention_schedule_is_counted_and_carried_out(office: Office) -> None:
    office.pending("T1")
    counted = office.call("GET", "/v1/privacy/retention", role=Role.DPO).json()
    classes = {one["id"]: one for one in counted["classes"]}
    assert counted["applied"] is False
    assert classes["CASE-OTHER"]["kept"] == 1
    assert classes["CASE-CLAIM-CONSUMER"]["evidence"] == "S"
    status, done = ask(office, "retention")
    assert (status, done["applied"]) == (200, True)
    assert office.case("T1").status_code == 200
