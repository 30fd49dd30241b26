"""The client's manners: what it sends again and what never, whose time to wait it obeys, what it makes of a problem."""

from __future__ import annotations

import subprocess
import sys

import httpx2
import pytest

from api.client import (
    AlreadyDecided,
    ApiError,
    Case,
    Conflict,
    NoAnswer,
    NotFound,
    Patience,
    Refused,
    ServiceUnavailable,
    StaleVersion,
    TooManyRequests,
    TriageClient,
    Unauthorized,
)
from api.client.events import changes_in

CASE = Case("RMA/1", "pending_approval", 3, '"3-abc"', "d" * 64, {})
Answer = httpx2.Response | Exception


class Service:
    """Answers in order, and remembers what it was asked and how long it was waited for."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []
        self.waits: list[float] = []

    def client(self, attempts: int = 4) -> TriageClient:
        http = httpx2.Client(base_url="http://desk.example", transport=httpx2.MockTransport(self._answer))
        patience = Patience(attempts, first_wait_s=1, most_wait_s=60, sleep=self.waits.append, jitter=lambda: 1.0)
        return TriageClient("", "trk_x", http=http, patience=patience)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(status: int, kind: str = "", retry_after: str | None = None) -> httpx2.Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    problem = {"type": f"urn:triage:problem:{kind}", "detail": "Read it again.", "correlation_id": "c1"}
    return httpx2.Response(status, json=problem, headers=headers)


def ok(**content: object) -> httpx2.Response:
    return httpx2.Response(200, json={"id": "T1", "created": True, **content})


LOST = httpx2.ReadTimeout("slow")


def test_a_ticket_whose_answer_was_lost_is_sent_again_under_the_same_key() -> None:
    service = Service(LOST, told(503, retry_after="7"), ok())
    assert service.client().receive({"id": "T1", "text": "E18"}).created
    keys = {request.headers["Idempotency-Key"] for request in service.asked}
    assert (len(service.asked), len(keys), service.waits) == (3, 1, [1.0, 7.0])
    assert {request.content for request in service.asked} == {b'{"id":"T1","text":"E18"}'}
    other = Service(ok())
    other.client().receive({"id": "T1", "text": "E18"})
    assert other.asked[0].headers["Idempotency-Key"] not in keys


def test_waits_double_up_to_the_longest_and_the_last_error_is_told() -> None:
    service = Service(*[told(503) for _ in range(4)])
    with pytest.raises(ServiceUnavailable):
        service.client().ticket("T1")
    assert service.waits == [1.0, 2.0, 4.0]


def test_a_wait_longer_than_patience_is_an_error_at_once() -> None:
    service = Service(told(429, "too-many-requests", "3600"))
    with pytest.raises(TooManyRequests) as refused:
        service.client().ticket("T1")
    assert (refused.value.retry_after_s, service.waits) == (3600.0, [])


@pytest.mark.parametrize("lost", [LOST, httpx2.ConnectError("x"), told(503), told(500)])
def test_a_write_without_a_key_whose_outcome_is_open_is_not_sent_again(lost: Answer) -> None:
    service = Service(lost)
    with pytest.raises((NoAnswer, ServiceUnavailable)):
        service.client().edit(CASE, "Dzień dobry")
    assert len(service.asked) == 1


@pytest.mark.parametrize("refusal", [told(429, "too-many-requests", "2"), told(409, "contended", "2")])
def test_what_was_refused_before_it_began_is_sent_again_whatever_it_is(refusal: httpx2.Response) -> None:
    service = Service(refusal, ok(state="pending_approval", version=4))
    assert service.client().edit(CASE, "Dzień dobry").version == 4
    assert service.waits == [2.0]


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (401, "unauthorized", Unauthorized),
        (404, "case-not-found", NotFound),
        (410, "subject-erased", NotFound),
        (409, "illegal-transition", Conflict),
        (409, "already-decided", AlreadyDecided),
        (412, "draft-changed", StaleVersion),
        (413, "body-too-large", Refused),
        (422, "approval-refused", Refused),
    ],
)
def test_a_problem_becomes_its_own_error_and_is_never_sent_again(status: int, kind: str, error: type[ApiError]) -> None:
    service = Service(told(status, kind))
    with pytest.raises(error) as refused:
        service.client().approve(CASE)
    assert type(refused.value) is error
    assert (refused.value.status, refused.value.kind, refused.value.correlation_id) == (status, kind, "c1")
    assert str(refused.value) == "Read it again."
    assert len(service.asked) == 1


def test_an_answer_that_is_no_problem_is_an_error_too() -> None:
    service = Service(httpx2.Response(404, text="<html>nginx</html>"), httpx2.Response(502, json=["?"]))
    with pytest.raises(NotFound):
        service.client().ticket("T1")
    with pytest.raises(ServiceUnavailable):
        service.client(attempts=1).ticket("T1")


def test_a_decision_names_what_was_read_and_its_path_keeps_the_slashes_of_an_id() -> None:
    service = Service(ok())
    service.client().approve(CASE, confirmed=("REFUND",))
    [asked] = service.asked
    assert (asked.method, asked.url.raw_path) == ("POST", b"/v1/cases/RMA/1/approve")
    assert (asked.headers["If-Match"], asked.headers["Authorization"]) == ('"3-abc"', "Bearer trk_x")
    assert asked.content == b'{"draft_digest":"' + b"d" * 64 + b'","confirmed":["REFUND"]}'


@pytest.mark.parametrize("odd", ["a b?c#d", "ż/ó", "x%2Fy"])
def test_an_odd_id_stays_one_id(odd: str) -> None:
    service = Service(ok())
    service.client().ticket(odd)
    assert service.asked[0].url.path == f"/v1/tickets/{odd}"
    assert service.asked[0].url.query == b""


def test_events_are_read_as_the_standard_says_and_a_cut_off_one_is_left_out() -> None:
    lines = [
        "retry: 3000", "", ": still here", "", "id: 7-1", "event: case",
        'data: {"ticket_id": "T1",', 'data: "state": "sent", "version": 5, "at": "2026-11-17T08:00:00+00:00"}', "",
        "id: 7-2", 'data: {"ticket_id"',
    ]  # fmt: skip
    [change] = changes_in(lines)
    assert (change.position, change.ticket_id, change.state, change.version) == ("7-1", "T1", "sent", 5)


def test_a_broken_stream_is_taken_up_behind_the_last_event() -> None:
    def event(position: str) -> httpx2.Response:
        data = '{"ticket_id": "T1", "state": "sent", "version": 5, "at": "2026-11-17T08:00:00+00:00"}'
        return httpx2.Response(200, text=f"id: {position}\ndata: {data}\n\n")

    service = Service(event("7-1"), LOST, event("7-2"))
    changes = service.client().changes()
    assert [next(changes).position, next(changes).position] == ["7-1", "7-2"]
    assert [request.headers.get("Last-Event-ID") for request in service.asked] == [None, "7-1", "7-1"]


def test_a_stream_that_is_refused_for_good_is_an_error() -> None:
    with pytest.raises(Unauthorized):
        next(Service(told(401)).client().changes())


def test_the_client_imports_nothing_of_the_server() -> None:
    program = (
        "import sys, api.client; print([m for m in ('fastapi', 'triage', 'sqlalchemy', 'api.app') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_key_is_not_shown() -> None:
    assert "trk_x" not in repr(Service().client().connection)
