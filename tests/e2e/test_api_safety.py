"""The register of complaints about dangerous products, over HTTP, from the ticket to the alert."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.e2e.office import Office
from triage.adapters.storage.safety import changed_entry
from triage.domain.access import Role

pytestmark = pytest.mark.postgres


def report(office: Office, ticket_id: str, **order: str) -> None:
    office.pending(ticket_id, text="Ekspres dymi.", order=order)


def read(office: Office, path: str) -> dict[str, list[dict[str, object]]]:
    answer = office.call("GET", f"/v1/safety/{path}", role=Role.LEAD)
    assert answer.status_code == 200
    found: dict[str, list[dict[str, object]]] = answer.json()
    return found


def test_a_dangerous_ticket_is_registered_once_and_again_only_when_it_says_more(office: Office) -> None:
    report(office, "T1", model="K400", batch="2609", serial="W7-1")
    office.backend.casework.triage(office.tenant, "T1")
    (entry,) = read(office, "register")["entries"]
    assert (entry["case_id"], entry["position"], entry["events"]) == ("T1", 1, ["smoke_heat"])
    assert (entry["model"], entry["batch"], entry["serial"]) == ("K400", "2609", "W7-1")
    body = {"text": "A teraz poparzył mi dłoń."}
    assert office.call("POST", "/v1/tickets/T1/messages", json=body).status_code == 201
    office.backend.casework.triage(office.tenant, "T1")
    entries = read(office, "register?case_id=T1")["entries"]
    assert [one["events"] for one in entries] == [["smoke_heat"], ["burn", "smoke_heat"]]


def test_complaints_of_one_batch_and_of_one_model_are_linked(office: Office) -> None:
    report(office, "T1", model="K400", batch="2609")
    report(office, "T2", model="K400", batch="2610")
    report(office, "T3", model="W7", batch="2609")
    assert read(office, "clusters")["clusters"] == []
    report(office, "T4", model="K400", batch="2609")
    found = [(one["model"], one["batch"], one["cases"]) for one in read(office, "clusters")["clusters"]]
    assert found == [("K400", "", ["T1", "T2", "T4"]), ("K400", "2609", ["T1", "T4"])]
    office.clock.advance(days=400)  # beyond the life of a key
    assert office.backend.safety.clusters(office.tenant) == []


def test_a_complaint_that_names_only_the_batch_is_linked_by_it(office: Office) -> None:
    report(office, "T1", batch="2609")
    report(office, "T2", batch="2700")
    assert read(office, "clusters")["clusters"] == []
    report(office, "T3", batch="2609")
    (found,) = read(office, "clusters")["clusters"]
    assert (found["model"], found["batch"], found["cases"]) == ("", "2609", ["T1", "T3"])
    report(office, "T4", model="K400", batch="2609")
    (found,) = read(office, "clusters")["clusters"]
    assert (found["model"], found["batch"], found["cases"]) == ("K400", "2609", ["T1", "T3", "T4"])


def test_the_audit_log_vouches_for_the_register(office: Office) -> None:
    report(office, "T1", model="K400")
    with office.database.sessions() as session:
        assert changed_entry(session, office.tenant) is None
        session.execute(text("ALTER TABLE safety_register DISABLE TRIGGER safety_register_append_only"))
        session.execute(text("UPDATE safety_register SET batch = '1' WHERE tenant = :t"), {"t": office.tenant})
        assert changed_entry(session, office.tenant) == 1
        session.rollback()


def test_pages_follow_each_other(office: Office) -> None:
    for number in range(3):
        report(office, f"T{number}", model="K400")
    first = office.call("GET", "/v1/safety/register?limit=2", role=Role.DPO).json()
    second = office.call("GET", f"/v1/safety/register?limit=2&cursor={first['next']}", role=Role.DPO).json()
    assert [one["case_id"] for one in (*first["entries"], *second["entries"])] == ["T0", "T1", "T2"]
    assert second["next"] is None
