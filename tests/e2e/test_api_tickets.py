"""Tickets come in: whatever is sent is stored whole or refused with a reason, never lost, never an error of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.office import Office
from triage.domain.access import Role
from triage.domain.ticket import Ticket
from triage.errors import StorageUnavailable

pytestmark = pytest.mark.postgres
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
MAIL = {"Content-Type": "message/rfc822"}


def bulk(office: Office, content: bytes | Iterator[bytes]) -> dict[str, object]:
    response = office.call("POST", "/v1/tickets/bulk", content=content, headers=LINES)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_ticket_is_read_back_as_it_was_sent(office: Office) -> None:
    sent = {
        "id": "RMA/2026/11/0042",
        "subject": "Reklamacja – zażółć",
        "messages": [
            {"id": "a", "author": "customer", "at": "2026-11-03T10:00:00+01:00", "text": "Nie działa. 🦊"},
            {"id": "b", "author": "agent", "at": "2026-11-04T10:00:00+01:00", "text": "Proszę o zdjęcie."},
        ],
        "received_at": "2026-11-03T10:00:00+01:00",
        "channel": "email",
        "requester": {"name": "Łucja Żak", "email": "lucja@example.com"},
        "external_id": "zd-17",
        "order": {"order_no": "DX-1", "value": 1249.5},
    }
    received = office.call("POST", "/v1/tickets", json=sent)
    assert received.headers["location"] == "/v1/tickets/RMA/2026/11/0042"
    read = office.call("GET", received.headers["location"]).json()
    assert [(m["id"], m["author"], m["text"]) for m in read["messages"]] == [
        ("a", "customer", "Nie działa. 🦊"),
        ("b", "agent", "Proszę o zdjęcie."),
    ]
    assert read["messages"][0]["at"] == "2026-11-03T09:00:00Z"
    assert read["order"] == {"order_no": "DX-1", "value": "1249.5"}
    assert (read["requester"]["name"], read["external_id"], read["revision"]) == ("Łucja Żak", "zd-17", 2)
    assert office.call("GET", "/v1/tickets/RMA%2F2026%2F11%2F0042").json() == read


@pytest.mark.parametrize("ticket_id", ["a b", "ąć", "#17", "x?y", "T;1", "100%", "a+b", "'; DROP TABLE t --"])
def test_a_ticket_of_any_usual_id_is_found_at_its_location(office: Office, ticket_id: str) -> None:
    received = office.call("POST", "/v1/tickets", json={"id": ticket_id, "text": "x"})
    assert received.status_code == 201
    assert office.call("GET", received.json()["ticket"]).json()["id"] == ticket_id
    assert office.call("GET", received.json()["case"]).json()["id"] == ticket_id


@pytest.mark.parametrize("ticket_id", ["..", "a/../b", "/a", "a/", "a//b", "."])
def test_an_id_that_no_url_can_hold_is_refused(office: Office, ticket_id: str) -> None:
    assert office.call("POST", "/v1/tickets", json={"id": ticket_id, "text": "x"}).status_code == 422


def test_an_empty_complaint_and_one_of_a_million_letters_are_taken_in(office: Office) -> None:
    assert office.receive("empty", text="").status_code == 201
    assert office.receive("long", text="ź" * 500_000).status_code == 201
    read = office.call("GET", "/v1/tickets/long").json()
    assert len(read["messages"][0]["text"]) == 500_000


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"\x00\xff\xfe\x01" * 50, 400),
        (b'{"text": "\\u0000"}', 400),
        (b'{"text": "\\ud800"}', 400),
        (b'{"order": {"\\ud800": "x"}, "text": "x"}', 400),
        (b'{"text": NaN}', 400),
        (b'{"order": {"value": -Infinity}, "text": "x"}', 400),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, 400),
        (b"[" * 200_000, 400),
        (b'{"text": "' + b"x" * 1_048_576 + b'"}', 413),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b'{"text": {"a": 1}}', 422),
        (b'{"text": "x", "messages": 7}', 422),
        (b'{"messages": []}', 422),
        (b'{"messages": [{"id": "a", "text": "1"}, {"id": "a", "text": "2"}]}', 422),
        (b'{"text": "x", "received_at": "0001-01-01T00:00:00+14:00"}', 422),
        (b'{"text": "x", "received_at": "9999-12-31T23:59:59-14:00"}', 422),
        (b'{"text": "x", "received_at": "yesterday"}', 422),
        (b'{"text": "x", "channel": "smoke"}', 422),
        (b'{"text": "x", "order": [1]}', 422),
        (b'{"text": "x", "requester": {"email": "a@example.com, b@example.com"}}', 422),
        (b'{"text": "x", "requester": {"email": "a@example.com\\nBcc: b@example.com"}}', 422),
        (b'{"text": "x", "id": {"a": 1}}', 422),
        (b'{"text": "x", "id": "' + b"9" * 201 + b'/"}', 422),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_a_body_that_cannot_be_a_ticket_is_refused(office: Office, content: bytes, status: int) -> None:
    for path in ("/v1/tickets", "/v1/tickets/T1/messages"):
        response = office.call("POST", path, content=content, headers=JSON)
        assert 400 <= response.status_code < 500, response.text
        assert response.headers["content-type"] == "application/problem+json"
    assert office.call("POST", "/v1/tickets", content=content, headers=JSON).status_code == status
    assert office.call("GET", "/v1/cases").json()["cases"] == []


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "a; ="])
def test_another_media_type_is_refused_with_415(office: Office, media_type: str) -> None:
    for path in ("/v1/tickets", "/v1/tickets/bulk"):
        response = office.call("POST", path, content=b'{"text": "x"}', headers={"Content-Type": media_type})
        assert response.status_code == 415


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00" * 1000,
        b"no headers at all",
        b"From: a@example.com\nSubject: x\n\n",
        b"From: =?utf-8?b?!!!?=\nContent-Type: text/plain; charset=no-such\n\n\xff\xfe zepsute",
        b"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n",
        b"Message-ID: <" + b"x" * 5000 + b">\nFrom: a@example.com\n\nx",
        b"From: a@example.com\nDate: Tue, 99 Foo 0000 99:99:99 +9999\n\nx",
        b"From: a@example.com\nSubject: " + b"z" * 100_000 + b"\n\nx",
        b"From: a@example.com\n\nx\x00y \xed\xa0\x80",
    ],
    ids=lambda mail: repr(mail[:30]),
)
def test_no_mail_however_broken_is_an_error_of_ours(office: Office, mail: bytes) -> None:
    response = office.call("POST", "/v1/tickets", content=mail, headers=MAIL)
    assert response.status_code in (201, 422), response.text
    if response.status_code == 201:
        assert office.call("GET", response.json()["ticket"]).status_code == 200


def test_a_mail_of_twenty_five_mebibytes_passes_and_a_larger_one_does_not(office: Office) -> None:
    head = b"From: a@example.com\nMessage-ID: <big@example.com>\n\n"
    line = b"x" * 75 + b"\n"
    mail = head + line * ((25 * 1024 * 1024 - len(head)) // len(line))
    larger = office.call("POST", "/v1/tickets", content=mail + line * 2, headers=MAIL)
    assert larger.status_code == 413
    assert office.call("POST", "/v1/tickets", content=mail[: 2 * 1024 * 1024], headers=MAIL).status_code == 201


def test_a_message_is_added_once_and_voids_what_was_read(office: Office) -> None:
    read = office.pending()
    message = {"id": "m2", "text": "Ponaglam."}
    added = office.call("POST", "/v1/tickets/T1/messages", json=message)
    again = office.call("POST", "/v1/tickets/T1/messages", json=message)
    assert (added.status_code, again.status_code) == (201, 200)
    assert added.json()["revision"] == again.json()["revision"] == 2
    assert office.case().headers["etag"] != read.headers["etag"]
    reply = b"From: Anna <anna@example.com>\nMessage-ID: <r@example.com>\n\nDosylam zdjecie."
    assert office.call("POST", "/v1/tickets/T1/messages", content=reply, headers=MAIL).json()["revision"] == 3


def test_a_message_to_a_ticket_that_is_not_there_is_404(office: Office) -> None:
    assert office.call("POST", "/v1/tickets/none/messages", json={"text": "x"}).status_code == 404


def test_bulk_takes_in_what_it_can_and_names_every_line_it_could_not(office: Office) -> None:
    office.receive("B")
    content = b"\n".join(
        [
            b'{"id": "A", "text": "pierwsza"}',
            b"{broken",
            b'{"id": "B", "text": "znana"}',
            b"",
            b'{"id": "C", "channel": "smoke", "text": "x"}',
            b'{"id": "D", "text": "\\u0000"}',
            b'{"id": "F", "text": "not \xff UTF-8"}',
            '{"id": "E", "text": "zażółć"}'.encode(),
        ]
    )
    result = bulk(office, content)
    assert (result["lines"], result["created"], result["known"], result["failed"]) == (8, 2, 1, 4)
    assert [fault["line"] for fault in result["faults"]] == [2, 5, 6, 7]  # type: ignore[attr-defined]
    assert "broken" not in json.dumps(result)
    assert {entry["id"] for entry in office.call("GET", "/v1/cases").json()["cases"]} == {"A", "B", "E"}
    assert office.call("GET", "/v1/tickets/E").json()["messages"][0]["text"] == "zażółć"


def test_bulk_streams_over_batches_and_chunk_borders(office: Office) -> None:
    lines = b"".join(json.dumps({"id": f"T{n:04}", "text": f"żółw {n}"}).encode() + b"\n" for n in range(1203))
    result = bulk(office, (lines[start : start + 97] for start in range(0, len(lines), 97)))
    assert (result["lines"], result["created"], result["failed"]) == (1203, 1203, 0)
    again = bulk(office, lines)
    assert (again["created"], again["known"]) == (0, 1203)


def test_bulk_refuses_a_line_without_end_and_keeps_the_ones_before(office: Office) -> None:
    content = b'{"id": "A", "text": "x"}\n' * 600 + b'{"id": "Z", "text": "' + b"x" * 3_000_000
    response = office.call("POST", "/v1/tickets/bulk", content=content, headers=LINES)
    assert response.status_code == 413
    assert "601" in response.json()["detail"]
    assert office.case("A").status_code == 200


def test_a_batch_that_fails_is_told_and_can_be_sent_again(office: Office) -> None:
    receive_all = office.backend.casework.receive_all
    calls = []

    def failing_once(tickets: list[Ticket]) -> int:
        calls.append(len(tickets))
        if len(calls) == 2:
            raise StorageUnavailable()
        return receive_all(tickets)

    class Casework:
        receive_all = staticmethod(failing_once)

    lines = b"".join(json.dumps({"id": f"T{n:04}", "text": "x"}).encode() + b"\n" for n in range(1000))
    object.__setattr__(office.backend, "casework", Casework())
    assert office.call("POST", "/v1/tickets/bulk", content=lines, headers=LINES).status_code == 503
    result = bulk(office, lines)
    assert (result["created"], result["known"]) == (500, 500)


def test_an_agent_may_take_tickets_in(office: Office) -> None:
    assert office.call("POST", "/v1/tickets", role=Role.AGENT, json={"text": "x"}).status_code == 201
