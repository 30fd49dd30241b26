"""Bulk intake that is followed, broken off and continued, and refused while too much waits."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace

import pytest

from tests.e2e.office import Office
from tests.e2e.test_api_server import listening
from triage.adapters.storage.backlog import SqlBacklog
from triage.domain.access import Role
from triage.errors import Conflict

pytestmark = pytest.mark.postgres
LINES = {"Content-Type": "application/x-ndjson"}


def lines(first: int, last: int) -> str:
    return "".join(json.dumps({"id": f"T{number}", "text": "Cieknie E18."}) + "\n" for number in range(first, last + 1))


def begin(office: Office) -> str:
    begun = office.call("POST", "/v1/imports")
    assert begun.status_code == 201
    assert begun.headers["location"] == f"/v1/imports/{begun.json()['id']}"
    return str(begun.headers["location"])


def send(office: Office, path: str, body: str, **query: object) -> dict[str, object]:
    answer = office.call("POST", f"{path}/lines", content=body, headers=LINES, params=query)
    return dict(answer.json()) | {"status": answer.status_code}


def send_and_hang_up(office: Office, url: str, path: str, body: str, until: int) -> None:
    """Announce more than is sent, and go when ``until`` lines are stored."""
    host, port = url.removeprefix("http://").split(":")
    head = f"POST {path}/lines HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {office.keys[Role.AGENT]}\r\n"
    head += f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body) * 2}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + body.encode())
        give_up = time.monotonic() + 60
        while office.call("GET", path).json()["lines"] < until:
            assert time.monotonic() < give_up
            time.sleep(0.05)


def counts(progress: dict[str, object]) -> tuple[object, ...]:
    return tuple(progress[name] for name in ("state", "lines", "created", "known", "failed", "waiting"))


def test_an_import_says_what_became_of_every_line_and_what_still_waits(office: Office) -> None:
    office.receive("T2")
    path = begin(office)
    body = lines(1, 3) + "{nothing\n\n" + json.dumps({"id": "x" * 201, "text": "za długi"}) + "\n" + lines(4, 4)
    assert counts(send(office, path, body)) == ("done", 7, 3, 1, 2, 4)
    faults = office.call("GET", path).json()["faults"]
    assert [fault["line"] for fault in faults] == [4, 6]
    assert "za długi" not in str(faults)
    office.work()
    assert office.call("GET", path).json()["waiting"] == 0


def test_an_import_that_breaks_off_goes_on_where_it_was_cut_and_nothing_is_lost_or_doubled(office: Office) -> None:
    path = begin(office)
    with listening(office) as url:
        send_and_hang_up(office, url, path, lines(1, 1200), until=1000)
    assert counts(dict(office.call("GET", path).json())) == ("open", 1000, 1000, 0, 0, 1000)
    assert counts(send(office, path, lines(1, 700), more=True)) == ("open", 1000, 1000, 0, 0, 1000)
    assert counts(send(office, path, lines(901, 1500), from_line=900)) == ("done", 1500, 1500, 0, 0, 1500)
    assert send(office, path, lines(1700, 1701), from_line=1699)["status"] == 409
    assert len(office.call("GET", "/v1/cases?limit=200").json()["cases"]) == 200


def test_two_senders_of_one_import_do_not_mix(office: Office) -> None:
    path = begin(office)
    send(office, path, lines(1, 10), more=True)
    imports = office.backend.outbound.imports
    seen = imports.get(office.tenant, path.rsplit("/", 1)[1])
    send(office, path, lines(11, 20), from_line=10, more=True)
    with pytest.raises(Conflict):
        imports.advance(seen, replace(seen, lines=30), [])
    assert office.call("GET", path).json()["lines"] == 20


def test_intake_is_refused_while_too_much_waits_and_goes_on_when_it_is_done(office: Office) -> None:
    now = [0.0]
    bound = SqlBacklog(office.database.sessions, most_of_tenant=30, most=10**9, monotonic=lambda: now[0])
    object.__setattr__(office.backend.outbound, "backlog", bound)
    path = begin(office)
    assert counts(send(office, path, lines(1, 40), more=True))[:2] == ("open", 40)
    now[0] += 3
    refused = office.call("POST", f"{path}/lines", content=lines(1, 50), headers=LINES)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    alone = office.receive("T99")
    assert (alone.status_code, alone.json()["type"]) == (503, "urn:triage:problem:overloaded")
    office.work()
    now[0] += 3
    assert counts(send(office, path, lines(1, 50))) == ("done", 50, 50, 0, 0, 10)
    assert office.receive("T99").status_code == 201


def test_the_simple_bulk_request_is_an_import_too(office: Office) -> None:
    answer = office.call("POST", "/v1/tickets/bulk", content=lines(1, 3), headers=LINES)
    assert office.call("GET", answer.headers["location"]).json()["created"] == 3
