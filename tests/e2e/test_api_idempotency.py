"""A POST that is repeated with the same Idempotency-Key is done once and answered the same."""

from __future__ import annotations

import threading

import pytest

from tests.e2e.office import Office
from triage.domain.access import Role
from triage.domain.ticket import Ticket

pytestmark = pytest.mark.postgres
KEY = {"Idempotency-Key": "k-1"}


def test_the_same_request_gets_the_same_answer_and_is_done_once(office: Office) -> None:
    first = office.call("POST", "/v1/tickets", json={"id": "T1", "text": "Cieknie."}, headers=KEY)
    again = office.call("POST", "/v1/tickets", json={"id": "T1", "text": "Cieknie."}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


def test_a_message_without_an_id_is_added_once(office: Office) -> None:
    office.receive()
    for _ in range(3):
        office.call("POST", "/v1/tickets/T1/messages", json={"text": "Ponaglam."}, headers=KEY)
    texts = [message["text"] for message in office.call("GET", "/v1/tickets/T1").json()["messages"]]
    assert texts.count("Ponaglam.") == 1


def test_an_approval_repeated_after_a_lost_answer_is_the_same_approval(office: Office) -> None:
    read = office.pending()
    body = {"draft_digest": read.json()["draft"]["digest"]}
    headers = {**KEY, "If-Match": read.headers["etag"]}
    first = office.call("POST", "/v1/cases/T1/approve", json=body, headers=headers)
    again = office.call("POST", "/v1/cases/T1/approve", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["id"] == again.json()["id"]
    office.work()
    assert len(office.outbox) == 1


def test_the_same_key_with_another_body_is_refused(office: Office) -> None:
    office.call("POST", "/v1/tickets", json={"id": "T1", "text": "Cieknie."}, headers=KEY)
    other = office.call("POST", "/v1/tickets", json={"id": "T2", "text": "Inna."}, headers=KEY)
    assert (other.status_code, other.json()["type"]) == (422, "urn:triage:problem:idempotency-mismatch")
    assert office.case("T2").status_code == 404


def test_the_same_key_and_body_with_another_query_is_refused(office: Office) -> None:
    office.receive("T1")
    path, content = "/v1/tickets/T1/files", b"%PDF-1.7"
    first = office.call("POST", path, params={"name": "paragon.pdf"}, content=content, headers=KEY)
    again = office.call("POST", path, params={"name": "paragon.pdf"}, content=content, headers=KEY)
    other = office.call("POST", path, params={"name": "zdjecie.pdf"}, content=content, headers=KEY)
    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["type"]) == (422, "urn:triage:problem:idempotency-mismatch")


def test_a_refused_request_may_be_mended_under_the_same_key(office: Office) -> None:
    assert office.call("POST", "/v1/tickets", json={"id": "T1", "channel": "smoke"}, headers=KEY).status_code == 422
    assert office.call("POST", "/v1/tickets", json={"id": "T1", "text": "Cieknie."}, headers=KEY).status_code == 201


def test_keys_of_other_callers_and_paths_are_other_keys(office: Office) -> None:
    body = {"text": "Cieknie."}
    agent = office.call("POST", "/v1/tickets", json=body, headers=KEY, role=Role.AGENT)
    admin = office.call("POST", "/v1/tickets", json=body, headers=KEY, role=Role.ADMIN)
    assert (agent.status_code, admin.status_code) == (201, 200)
    path = f"{agent.json()['ticket']}/messages"
    assert office.call("POST", path, json=body, headers=KEY, role=Role.AGENT).status_code == 201


def test_an_answer_is_kept_for_24_hours_and_then_forgotten(office: Office) -> None:
    body = {"id": "T1", "text": "Cieknie."}
    office.call("POST", "/v1/tickets", json=body, headers=KEY)
    office.clock.advance(hours=23, minutes=59)
    assert office.call("POST", "/v1/tickets", json=body, headers=KEY).status_code == 201
    office.clock.advance(minutes=1)
    assert office.call("POST", "/v1/tickets", json=body, headers=KEY).status_code == 200
    office.clock.advance(hours=24)
    assert office.backend.answers.forget_old() >= 1
    assert office.backend.answers.forget_old() == 0


def test_the_secret_of_a_new_key_is_not_repeated(office: Office) -> None:
    body = {"name": "n", "role": "agent"}
    first = office.call("POST", "/v1/keys", role=Role.ADMIN, json=body, headers=KEY).json()
    again = office.call("POST", "/v1/keys", role=Role.ADMIN, json=body, headers=KEY).json()
    assert first["key"].startswith(f"trk_{first['id']}_")
    assert again == first | {"key": None}


@pytest.mark.parametrize("key", ["", "x" * 256, "zażółć".encode(), b"a\xff"])
def test_a_key_that_is_no_key_is_refused(office: Office, key: str | bytes) -> None:
    refused = office.call("POST", "/v1/tickets", json={"text": "x"}, headers={"Idempotency-Key": key})
    assert refused.status_code == 400


def test_a_request_that_comes_while_the_first_is_worked_on_is_told_to_wait(office: Office) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(ticket: Ticket) -> bool:
        entered.set()
        return not go_on.wait(20)

    object.__setattr__(office.backend.casework, "is_urgent", slow)
    answers: list[int] = []
    body = {"id": "T1", "text": "Cieknie."}

    def first() -> None:
        answers.append(office.call("POST", "/v1/tickets", json=body, headers=KEY).status_code)

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(20)
    meanwhile = office.call("POST", "/v1/tickets", json=body, headers=KEY)
    go_on.set()
    thread.join()
    assert (meanwhile.status_code, meanwhile.json()["type"]) == (409, "urn:triage:problem:conflict")
    assert answers == [201]
    assert office.call("POST", "/v1/tickets", json=body, headers=KEY).status_code == 201


def test_a_key_whose_process_died_is_free_again_after_its_lease(office: Office) -> None:
    key_id = office.keys[Role.APPROVER].split("_")[1]
    body = {"id": "T1", "text": "Cieknie."}
    assert office.backend.answers.reserve(office.tenant, "POST /v1/tickets", f"{key_id}:k-1") is None
    assert office.call("POST", "/v1/tickets", json=body, headers=KEY).status_code == 409
    office.clock.advance(minutes=5)
    assert office.call("POST", "/v1/tickets", json=body, headers=KEY).status_code == 201


def test_a_bulk_request_is_repeated_whole_or_refused(office: Office) -> None:
    lines = b'{"id": "A", "text": "x"}\n{"id": "B", "text": "y"}\n'
    headers = {**KEY, "Content-Type": "application/x-ndjson"}
    first = office.call("POST", "/v1/tickets/bulk", content=lines, headers=headers)
    again = office.call("POST", "/v1/tickets/bulk", content=lines, headers=headers)
    assert first.json()["created"] == again.json()["created"] == 2
    assert office.call("POST", "/v1/tickets/bulk", content=lines[:25], headers=headers).status_code == 422
