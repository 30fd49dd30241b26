"""A complaint comes in as mail, is triaged, approved by a person and leaves once — all over HTTP."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from tests.e2e.office import Office

pytestmark = pytest.mark.postgres

MAIL = """\
From: Anna Przykładowa <anna@example.com>
To: serwis@example.com
Subject: =?utf-8?q?Reklamacja_ekspresu?=
Message-ID: <k400-1@example.com>
Date: Tue, 17 Nov 2026 08:12:00 +0100
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dzień dobry, ekspres pokazuje błąd E18 i przecieka. Proszę o naprawę.
""".encode()


def test_a_mail_becomes_a_case_and_exactly_one_approved_reply_byte_for_byte(office: Office) -> None:
    received = office.call("POST", "/v1/tickets", content=MAIL, headers={"Content-Type": "message/rfc822"})
    assert received.status_code == 201
    office.work()
    read = office.call("GET", received.json()["case"])
    case = read.json()
    assert case["state"] == "pending_approval"
    assert office.outbox == []

    approved = office.approve(read)
    assert approved.status_code == 200, approved.text
    assert approved.json()["recipients"] == ["anna@example.com"]
    office.work()

    assert [path.name for path in office.outbox] == [f"{approved.json()['id']}.eml"]
    mail = message_from_bytes(office.outbox[0].read_bytes(), policy=policy.default)
    assert mail["To"] == "anna@example.com"
    assert mail["Subject"] == case["draft"]["subject"]
    assert mail["In-Reply-To"] == "<k400-1@example.com>"
    payload = office.outbox[0].read_bytes().partition(b"\n\n")[2]
    assert payload.rstrip(b"\n") == case["draft"]["body"].encode()
    assert office.call("GET", received.json()["case"]).json()["state"] == "sent"
    [record] = office.call("GET", f"{received.json()['case']}/approvals").json()["approvals"]
    assert (record["state"], record["reference"]) == ("sent", f"{approved.json()['id']}.eml")


def test_the_same_mail_twice_is_one_ticket(office: Office) -> None:
    headers = {"Content-Type": "message/rfc822"}
    first = office.call("POST", "/v1/tickets", content=MAIL, headers=headers)
    again = office.call("POST", "/v1/tickets", content=MAIL, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["location"] == again.headers["location"] == first.json()["ticket"]
    assert len(office.call("GET", "/v1/cases").json()["cases"]) == 1


def test_a_second_approval_is_refused_and_nothing_is_sent_twice(office: Office) -> None:
    read = office.pending()
    assert office.approve(read).status_code == 200
    refused = office.approve(read)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:triage:problem:already-decided"
    office.work()
    assert office.approve(read).status_code == 409
    office.work()
    assert len(office.outbox) == 1


def test_an_edit_after_reading_refuses_the_approval_of_what_was_read(office: Office) -> None:
    read = office.pending()
    digest = read.json()["draft"]["digest"]
    edited = office.call(
        "PUT",
        "/v1/cases/T1/draft",
        json={"draft_digest": digest, "body": "Dzień dobry, prosimy o zdjęcie."},
        headers={"If-Match": read.headers["etag"]},
    )
    assert edited.status_code == 200
    stale = office.approve(read)
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:triage:problem:stale-version")
    # the new ETag does not help who names the words they read before
    body = {"draft_digest": digest}
    mixed = office.call("POST", "/v1/cases/T1/approve", json=body, headers={"If-Match": edited.headers["etag"]})
    assert (mixed.status_code, mixed.json()["type"]) == (412, "urn:triage:problem:draft-changed")
    office.work()
    assert office.outbox == []
    assert office.approve(edited).status_code == 200
    office.work()
    assert "Dzień dobry, prosimy o zdjęcie." in office.outbox[0].read_text("utf-8")


def test_a_newer_customer_message_refuses_the_approval_of_what_was_read(office: Office) -> None:
    read = office.pending()
    added = office.call("POST", "/v1/tickets/T1/messages", json={"id": "m2", "text": "Jednak chcę zwrotu."})
    assert added.status_code == 201
    assert office.approve(read).status_code == 412
    office.work()
    assert office.outbox == []
    assert office.approve(office.case()).status_code == 200


def test_a_customer_message_after_the_approval_stops_the_reply(office: Office) -> None:
    assert office.approve(office.pending()).status_code == 200
    office.call("POST", "/v1/tickets/T1/messages", json={"text": "Proszę się wstrzymać."})
    office.work()
    assert office.outbox == []
    assert office.case().json()["state"] == "pending_approval"
    states = [one["state"] for one in office.call("GET", "/v1/cases/T1/approvals").json()["approvals"]]
    assert states == ["void"]


def test_a_rejected_draft_is_not_sent_and_can_be_triaged_again(office: Office) -> None:
    read = office.pending()
    rejected = office.call(
        "POST", "/v1/cases/T1/reject", json={"reason": "zły ton"}, headers={"If-Match": read.headers["etag"]}
    )
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    assert office.approve(rejected).status_code in (409, 422)
    again = office.call("POST", "/v1/cases/T1/retriage", headers={"If-Match": rejected.headers["etag"]})
    assert (again.status_code, again.json()["state"]) == (202, "received")
    office.work()
    assert office.case().json()["state"] == "pending_approval"
    assert office.outbox == []


def test_a_draft_with_a_blocking_finding_cannot_be_approved_and_a_confirmed_one_can(office: Office) -> None:
    read = office.pending()
    digest = read.json()["draft"]["digest"]

    def edit(read_etag: str, read_digest: str, words: str) -> object:
        return office.call(
            "PUT",
            "/v1/cases/T1/draft",
            json={"draft_digest": read_digest, "body": words},
            headers={"If-Match": read_etag},
        )

    blocked = edit(read.headers["etag"], digest, "Dzień dobry, obiecujemy wymianę.")
    refused = office.approve(blocked)  # type: ignore[arg-type]
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:triage:problem:approval-refused")
    assert "PROMISE" in refused.json()["detail"]
    now = office.case()
    edit(now.headers["etag"], now.json()["draft"]["digest"], "Dzień dobry, przyjmujemy zwrot.")
    now = office.case()
    assert [finding["code"] for finding in now.json()["findings"]] == ["REFUND"]
    assert office.approve(now).status_code == 422
    assert office.approve(now, confirmed=("REFUND",)).status_code == 200


def test_a_decision_without_if_match_is_refused_with_428_and_a_star_does_not_pass(office: Office) -> None:
    read = office.pending()
    body = {"draft_digest": read.json()["draft"]["digest"]}
    assert office.call("POST", "/v1/cases/T1/approve", json=body).status_code == 428
    for wrong in ("*", '"1"', f"W/{read.headers['etag']}", '"999999-none"'):
        response = office.call("POST", "/v1/cases/T1/approve", json=body, headers={"If-Match": wrong})
        assert response.status_code == 412, wrong
    assert office.case().json()["state"] == "pending_approval"


def test_a_ticket_without_an_address_cannot_be_answered(office: Office) -> None:
    refused = office.approve(office.pending(requester={}))
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:triage:problem:approval-refused")


def test_an_unknown_delivery_is_resolved_by_a_person(office: Office) -> None:
    read = office.pending()
    early = office.call("POST", "/v1/cases/T1/resolve", json={"delivered": True})
    assert early.status_code == 409
    approval = office.approve(read).json()["id"]
    # the worker dies between the claim and the outcome
    office.backend.desk._claim(office.tenant, approval, office.sender.way)
    office.work()
    assert office.case().json()["state"] == "delivery_unknown"
    assert office.outbox == []
    settled = office.call("POST", "/v1/cases/T1/resolve", json={"delivered": False})
    assert (settled.status_code, settled.json()["state"]) == (200, "send_failed")


def test_a_reply_that_cannot_leave_now_says_why_and_when_it_is_tried_again_and_can_be_taken_back(
    office: Office,
) -> None:
    approved = office.approve(office.pending())
    (office.folder / "outbox").write_text("in the way of the folder")
    office.work()
    read = office.case()
    [record] = office.call("GET", "/v1/cases/T1/approvals").json()["approvals"]
    assert (read.json()["state"], record["state"], record["deferrals"]) == ("approved", "granted", 1)
    assert "check disk space and permissions" in record["deferred_because"]
    assert record["retry_at"] is not None
    late = office.call("POST", "/v1/cases/T1/withdraw", headers={"If-Match": '"1-none"'})
    assert late.status_code == 412
    taken = office.call("POST", "/v1/cases/T1/withdraw", headers={"If-Match": read.headers["etag"]})
    assert (taken.status_code, taken.json()["state"]) == (200, "pending_approval")
    [record] = office.call("GET", "/v1/cases/T1/approvals").json()["approvals"]
    assert (record["id"], record["state"], record["retry_at"]) == (approved.json()["id"], "void", None)
    again = office.call("POST", "/v1/cases/T1/withdraw", headers={"If-Match": taken.headers["etag"]})
    assert again.status_code == 409


def test_a_case_that_the_reader_has_already_is_not_sent_again(office: Office) -> None:
    read = office.pending()
    etag = read.headers["etag"]
    again = office.call("GET", "/v1/cases/T1", headers={"If-None-Match": f'"1-none", W/{etag}'})
    assert (again.status_code, again.headers["etag"], again.content) == (304, etag, b"")
    office.approve(read)
    newer = office.call("GET", "/v1/cases/T1", headers={"If-None-Match": etag})
    assert (newer.status_code, newer.json()["state"]) == (200, "approved")


@pytest.mark.parametrize("answers", [False, True])
def test_what_was_acknowledged_is_listed_as_owed_until_a_letter_answers(office: Office, answers: bool) -> None:
    read = office.pending()
    digest = read.json()["draft"]["digest"]
    body = {"draft_digest": digest, "answers": answers}
    approved = office.call("POST", "/v1/cases/T1/approve", json=body, headers={"If-Match": read.headers["etag"]})
    assert approved.status_code == 200
    office.work()
    [entry] = office.call("GET", "/v1/cases").json()["cases"]
    assert (entry["state"], entry["replied_on"] is not None) == ("sent", True)
    assert (entry["answered_on"] is not None, entry["deadline_rule"]) == (answers, None if answers else "UPK-7A-REPLY")
    owed = office.call("GET", "/v1/cases", params={"owed": True}).json()["cases"]
    assert [one["id"] for one in owed] == ([] if answers else ["T1"])
    [clock] = office.case().json()["deadlines"]
    assert (clock["rule"], clock["met_on"] is not None, clock["any_reply"]) == ("UPK-7A-REPLY", answers, False)
    messages = office.call("GET", "/v1/tickets/T1").json()["messages"]
    assert [one["author"] for one in messages] == ["customer", "agent"]
    assert messages[-1]["text"] == read.json()["draft"]["body"]
