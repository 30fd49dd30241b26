"""The queue as people use it: whose a case is, until when it sleeps, how it is found, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.office import Office
from tests.e2e.test_api_sessions import Browser, person
from triage.domain.access import Role
from triage.domain.four_eyes import FourEyes

pytestmark = pytest.mark.postgres


def ids(desk: Office | Browser, query: str = "") -> list[str]:
    return [entry["id"] for entry in desk.call("GET", f"/v1/cases{query}").json()["cases"]]


def change(desk: Office | Browser, office: Office, what: str, body: object = None, ticket: str = "T1"):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Change a case as it stands now."""
    headers = {"If-Match": office.case(ticket).headers["etag"]}
    return desk.call("POST", f"/v1/cases/{ticket}/{what}", json=body, headers=headers)


def test_a_case_is_handed_to_a_person_found_among_their_work_and_given_back(office: Office) -> None:
    anna = person(office)
    office.pending("T1")
    office.pending("T2")
    handed = change(office, office, "handover", {"assignee": anna.name})
    assert (handed.status_code, handed.json()["assignee"]) == (200, f"user:{anna.name}")
    assert ids(office, f"?assignee={anna.name}") == ["T1"]
    assert ids(office, "?assignee=") == ["T2"]
    assert change(office, office, "handover", {"assignee": ""}).json()["assignee"] == ""
    assert ids(office, f"?assignee={anna.name}") == []


def test_a_case_cannot_be_handed_to_who_does_not_work_here(office: Office) -> None:
    anna = person(office, teams=("agd",))
    office.pending("T1")
    assert change(office, office, "handover", {"assignee": "nobody"}).status_code == 422
    assert change(office, office, "handover", {"assignee": anna.name, "team": "rtv"}).status_code == 422
    assert change(office, office, "handover", {"assignee": anna.name, "team": "agd"}).status_code == 200


def test_handing_over_needs_the_case_as_it_was_read(office: Office) -> None:
    read = office.pending("T1")
    assert office.call("POST", "/v1/cases/T1/handover", json={"team": "agd"}).status_code == 428
    first = change(office, office, "handover", {"team": "agd"})
    assert first.headers["etag"] != read.headers["etag"]
    stale = office.call("POST", "/v1/cases/T1/handover", json={"team": "x"}, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412


def test_a_person_of_a_team_sees_its_queue_and_everybodys_and_no_other(office: Office) -> None:
    for ticket, team in (("A", "agd"), ("R", "rtv"), ("E", "")):
        office.pending(ticket)
        change(office, office, "handover", {"team": team}, ticket)
    anna = person(office, Role.APPROVER, teams=("agd",))
    anna.log_in()
    assert sorted(ids(anna)) == ["A", "E"]
    assert (ids(anna, "?team=agd"), ids(anna, "?team=rtv"), ids(anna, "?team=")) == (["A"], [], ["E"])
    foreign, missing = anna.call("GET", "/v1/cases/R"), anna.call("GET", "/v1/cases/X")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["title"] == missing.json()["title"]
    read = office.case("R")
    for method, path, body in (
        ("POST", "approve", {"draft_digest": read.json()["draft"]["digest"]}),
        ("PUT", "draft", {"draft_digest": read.json()["draft"]["digest"], "body": "x"}),
        ("POST", "reject", {"reason": "x"}),
        ("POST", "handover", {"team": "agd"}),
        ("POST", "snooze", {"until": None}),
        ("PUT", "requester", {"email": "obcy@example.com"}),
        ("POST", "retriage", None),
        ("PATCH", "labels", {"category": "C04"}),
        ("GET", "approvals", None),
        ("GET", "corrections", None),
        ("GET", "edits", None),
        ("GET", "similar", None),
    ):
        headers = {"If-Match": read.headers["etag"]}
        assert anna.call(method, f"/v1/cases/R/{path}", json=body, headers=headers).status_code == 404, path
    assert anna.call("GET", "/v1/tickets/R").status_code == 404
    assert anna.call("POST", "/v1/tickets/R/messages", json={"text": "x"}).status_code == 404
    assert office.case("R").headers["etag"] == read.headers["etag"]
    lead = person(office, Role.LEAD, name="lead", teams=("agd",))
    lead.log_in()
    assert sorted(ids(lead)) == ["A", "E", "R"]


def test_a_sleeping_case_leaves_the_queue_and_comes_back_at_its_time(office: Office) -> None:
    office.pending("T1")
    until = "2026-11-17T10:00:00+01:00"
    slept = change(office, office, "snooze", {"until": until})
    assert (slept.status_code, slept.json()["snoozed_until"]) == (200, until)
    assert (ids(office), ids(office, "?snoozed=true")) == ([], ["T1"])
    office.clock.advance(minutes=59, seconds=59)
    assert ids(office) == []
    office.clock.advance(seconds=1)
    assert (ids(office), ids(office, "?snoozed=true")) == (["T1"], [])


def test_a_message_wakes_a_sleeping_case_and_so_does_a_person(office: Office) -> None:
    office.pending("T1")
    change(office, office, "snooze", {"until": "2026-12-17T10:00:00+01:00"})
    office.call("POST", "/v1/tickets/T1/messages", json={"text": "Ponaglam."})
    assert ids(office) == ["T1"]
    office.backend.casework.triage(office.tenant, "T1")
    change(office, office, "snooze", {"until": "2026-12-17T10:00:00+01:00"})
    assert change(office, office, "snooze", {"until": None}).json()["snoozed_until"] is None
    assert ids(office) == ["T1"]


def test_a_case_cannot_sleep_until_a_moment_that_is_past_nor_while_its_reply_is_on_its_way(office: Office) -> None:
    read = office.pending("T1")
    assert change(office, office, "snooze", {"until": "2026-11-17T09:00:00+01:00"}).status_code == 422
    office.approve(read)
    assert change(office, office, "snooze", {"until": "2026-12-17T09:00:00+01:00"}).status_code == 409
    assert change(office, office, "handover", {"team": "agd"}).status_code == 409
    office.work()
    assert len(office.outbox) == 1


def test_who_works_on_a_case_survives_a_new_triage(office: Office) -> None:
    anna = person(office)
    office.pending("T1")
    change(office, office, "handover", {"assignee": anna.name, "team": "agd"})
    office.call("POST", "/v1/tickets/T1/messages", json={"text": "Ponaglam."})
    office.backend.casework.triage(office.tenant, "T1")
    case = office.case("T1").json()
    assert (case["assignee"], case["team"], case["state"]) == (f"user:{anna.name}", "agd", "pending_approval")


def test_an_answered_case_is_reopened_and_answered_again_on_a_new_approval(office: Office) -> None:
    office.approve(office.pending("T1"))
    assert change(office, office, "reopen").status_code == 409
    office.work()
    reopened = change(office, office, "reopen")
    assert (reopened.status_code, reopened.json()["state"]) == (202, "received")
    office.work()
    assert office.case("T1").json()["state"] == "pending_approval"
    assert len(office.outbox) == 1
    office.approve(office.case("T1"))
    office.work()
    assert len(office.outbox) == 2


def test_a_rejected_case_is_reopened(office: Office) -> None:
    read = office.pending("T1")
    office.call("POST", "/v1/cases/T1/reject", json={"reason": "zły ton"}, headers={"If-Match": read.headers["etag"]})
    assert change(office, office, "reopen").json()["state"] == "received"


def test_a_first_of_two_approvals_goes_along_when_the_case_is_handed_to_the_second(office: Office) -> None:
    object.__setattr__(office.backend.desk, "four_eyes", FourEyes(categories=frozenset({"C03"})))
    assert office.approve(office.pending("T1")).status_code == 202
    change(office, office, "handover", {"assignee": person(office, Role.LEAD).name})
    assert office.approve(office.case("T1"), role=Role.LEAD).status_code == 200


def test_every_change_is_on_the_audit_log(office: Office) -> None:
    anna = person(office)
    office.pending("T1")
    change(office, office, "handover", {"assignee": anna.name})
    change(office, office, "snooze", {"until": "2026-12-17T10:00:00+01:00"})
    change(office, office, "snooze", {"until": None})
    log = office.call("GET", "/v1/audit?subject=T1&verify=true", role=Role.ADMIN).json()
    assert [entry["action"] for entry in log["entries"]][-3:] == ["handed_over", "snoozed", "woken"]
    assert log["entries"][-3]["detail"]["to"] == f"user:{anna.name}"
    assert log["intact"] is True


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pralka", ["RMA-7"]), ("PRALK", ["RMA-7"]), ("żółć", ["RMA-8"]), ("zolc", ["RMA-8"]), ("rma-7", ["RMA-7"]),
        ("RMA", ["RMA-7", "RMA-8"]), ("nowak pral", ["RMA-7"]), ("anna.nowak@example", ["RMA-7"]), ("nowak zolc", []),
        ("ralka", []), ("!!!", []), ("' | x:* & (", []), ("przykł", ["RMA-8"]),
    ],
)  # fmt: skip
def test_cases_are_found_by_beginnings_of_words_with_or_without_diacritics(
    office: Office, text: str, found: list[str]
) -> None:
    anna = {"name": "Anna Nowak", "email": "anna.nowak@example.com"}
    office.receive("RMA-7", subject="Pralka E18", requester=anna)
    office.receive(
        "RMA-8", subject="Żółć w ekspresie", requester={"name": "Jan Przykładowy", "email": "jan@example.com"}
    )
    listed = office.call("GET", "/v1/cases", params={"text": text})
    assert listed.status_code == 200
    assert sorted(entry["id"] for entry in listed.json()["cases"]) == found


def test_search_finds_nothing_of_another_tenant(office: Office, postgres, tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    stranger = Office(postgres, tmp_path)
    stranger.receive("SECRET-1", subject="Pralka")
    assert ids(office, "?text=pralka") == []
    assert ids(stranger, "?text=pralka") == ["SECRET-1"]


def test_the_queue_is_sorted_as_asked_and_its_pages_join(office: Office) -> None:
    moments = {"A": "2026-11-03", "B": "2026-11-01", "C": "2026-11-02", "D": "2026-11-04"}
    for ticket, day in moments.items():
        office.pending(ticket, received_at=f"{day}T08:00:00+00:00", text="dymi" if ticket == "D" else "cieknie")
    expected = {"urgency": "DABC", "safe_due": "ABCD", "received": "BCAD", "-received": "DACB"}
    for sort, order in expected.items():
        assert "".join(ids(office, f"?sort={sort}")) == order, sort
        walked, query = "", f"?sort={sort}&limit=1"
        while query:
            page = office.call("GET", f"/v1/cases{query}").json()
            walked += "".join(entry["id"] for entry in page["cases"])
            query = f"?sort={sort}&limit=1&cursor={page['next']}" if page["next"] else ""
        assert walked == order, sort


def requester_of(office: Office, email: str) -> Any:
    headers = {"If-Match": office.case("T1").headers["etag"]}
    return office.call("PUT", "/v1/cases/T1/requester", json={"name": "Anna", "email": email}, headers=headers)


def test_a_ticket_from_the_telephone_gets_an_address_and_its_reply_goes_there(office: Office) -> None:
    office.call("POST", "/v1/tickets", json={"id": "T1", "text": "Ekspres nie grzeje.", "channel": "phone"})
    office.work()
    read = office.case("T1")
    refused = office.approve(read)
    assert refused.status_code == 422
    assert "PUT /v1/cases/{id}/requester" in refused.json()["detail"]
    assert requester_of(office, "anna").status_code == 422
    assert requester_of(office, "anna@example.com,").status_code == 422
    assert requester_of(office, "anna@example.com").status_code == 200
    assert office.approve(read).status_code == 412  # what was read had no address
    assert office.approve(office.case("T1")).json()["recipients"] == ["anna@example.com"]
    assert requester_of(office, "inny@example.com").status_code == 409  # it is on its way
    office.work()
    assert "To: anna@example.com" in office.outbox[0].read_text("utf-8")
    log = office.call("GET", "/v1/audit?subject=T1", role=Role.ADMIN).json()["entries"]
    assert "requester_set" in [one["action"] for one in log]
    assert "anna@example.com" not in str(log)
