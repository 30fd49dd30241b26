"""A real server on a real port: many people at once, what the wire shows, a client that goes away."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import pytest
import uvicorn

from tests.e2e.office import Office
from triage.domain.access import Role

pytestmark = pytest.mark.postgres
N_PEOPLE = 50


@contextmanager
def listening(office: Office) -> Iterator[str]:
    config = uvicorn.Config(office.app, port=0, log_level="critical", server_header=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    with listening(office) as address:
        yield address


@dataclass
class Person:
    """Somebody with a key of their own who waits for the start and then sends one request."""

    key: str
    status: int = 0
    answer: str = ""

    def run(self, start: threading.Barrier, send: object) -> None:
        start.wait(30)
        response = send(self.key)  # type: ignore[operator]
        self.status, self.answer = response.status_code, response.json().get("type") or response.json().get("id")


def all_at_once(people: list[Person], send: object) -> Counter[int]:
    start = threading.Barrier(len(people))
    threads = [threading.Thread(target=person.run, args=(start, send)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return Counter(person.status for person in people)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("drafts", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_fifty_people_who_approve_the_same_draft_at_once_send_one_reply(office: Office, url: str, drafts: int) -> None:
    people = [Person(office.new_key(Role.APPROVER)) for _ in range(N_PEOPLE)]
    told: Counter[int] = Counter()
    for number in range(drafts):
        ticket_id = f"T{number}"
        read = office.pending(ticket_id)
        body = {"draft_digest": read.json()["draft"]["digest"]}

        def approve(
            key: str, *, case: str = ticket_id, etag: str = read.headers["etag"], words: object = body
        ) -> object:
            headers = {"Authorization": f"Bearer {key}", "If-Match": etag}
            return httpx2.post(f"{url}/v1/cases/{case}/approve", json=words, headers=headers, timeout=60)

        answers = all_at_once(people, approve)
        assert answers[200] == 1
        told += answers
        approvals = office.call("GET", f"/v1/cases/{ticket_id}/approvals").json()["approvals"]
        assert [one["id"] for one in approvals] == [person.answer for person in people if person.status == 200]
    assert set(told) <= {200, 409, 412}
    office.work()
    assert len(office.outbox) == drafts
    sys.stdout.write(f"{told.total()} approvals of {drafts} drafts: {dict(told)}, {drafts} sent\n")
    office.work()
    assert len(office.outbox) == drafts
    actions: Counter[str] = Counter()
    for number in range(drafts):
        log = office.call("GET", f"/v1/audit?subject=T{number}&verify=true", role=Role.ADMIN).json()
        actions.update(entry["action"] for entry in log["entries"])
        assert log["intact"] is True
    assert (actions["approved"], actions["claimed"], actions["sent"]) == (drafts, drafts, drafts)


def test_an_edit_and_approvals_at_once_never_send_words_nobody_approved(office: Office, url: str) -> None:
    people = [Person(office.new_key(Role.APPROVER)) for _ in range(12)]
    editors = {person.key for person in people[::2]}
    for number in range(6):
        ticket_id = f"T{number}"
        read = office.pending(ticket_id)
        digest, etag = read.json()["draft"]["digest"], read.headers["etag"]

        def decide(key: str, *, case: str = ticket_id, digest: str = digest, etag: str = etag) -> object:
            headers = {"Authorization": f"Bearer {key}", "If-Match": etag}
            path = f"{url}/v1/cases/{case}"
            if key in editors:
                edit = {"draft_digest": digest, "body": f"Słowa {key[:12]}"}
                return httpx2.put(f"{path}/draft", json=edit, headers=headers, timeout=60)
            return httpx2.post(f"{path}/approve", json={"draft_digest": digest}, headers=headers, timeout=60)

        statuses = all_at_once(people, decide)
        assert statuses[200] == 1
        assert set(statuses) <= {200, 409, 412}
        winner = next(person for person in people if person.status == 200)
        before = len(office.outbox)
        office.work()
        sent = office.outbox[before:] if winner.key not in editors else []
        assert len(office.outbox) - before == (0 if winner.key in editors else 1)
        assert all("Słowa" not in path.read_text("utf-8") for path in sent)


def test_the_same_ticket_from_many_senders_is_one_ticket_with_one_case(office: Office, url: str) -> None:
    people = [Person(office.keys[Role.AGENT]) for _ in range(20)]

    def receive(key: str) -> object:
        record = {"id": "T1", "text": "Cieknie."}
        return httpx2.post(f"{url}/v1/tickets", json=record, headers={"Authorization": f"Bearer {key}"}, timeout=60)

    assert all_at_once(people, receive) == {201: 1, 200: 19}
    assert len(office.call("GET", "/v1/cases").json()["cases"]) == 1


def test_one_idempotency_key_sent_many_times_at_once_adds_one_message(office: Office, url: str) -> None:
    office.receive()
    people = [Person(office.keys[Role.AGENT]) for _ in range(20)]

    def add(key: str) -> object:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once"}
        return httpx2.post(f"{url}/v1/tickets/T1/messages", json={"text": "Ponaglam."}, headers=headers, timeout=60)

    assert set(all_at_once(people, add)) <= {201, 409}
    assert office.call("GET", "/v1/tickets/T1").json()["revision"] == 2


def test_the_wire_names_no_server_and_ids_survive_their_encoding(office: Office, url: str) -> None:
    headers = {"Authorization": f"Bearer {office.keys[Role.AGENT]}"}
    for ticket_id in ("a%2Fb", "RMA/1", "ą ć"):
        received = httpx2.post(f"{url}/v1/tickets", json={"id": ticket_id, "text": "x"}, headers=headers)
        read = httpx2.get(url + received.json()["ticket"], headers=headers)
        assert read.json()["id"] == ticket_id
        assert "server" not in {name.lower() for name in read.headers}


def test_a_body_announced_short_and_sent_long_or_never_finished_harms_nobody(office: Office, url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    head = f"POST /v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {office.keys[Role.AGENT]}\r\n"
    head += "Content-Type: application/json\r\n"
    for rest in (
        "Content-Length: 900\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n{",
        "Content-Length: x\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall((head + rest).encode())
    assert httpx2.get(f"{url}/live").status_code == 200
    assert office.call("GET", "/v1/cases").json()["cases"] == []
