"""Whoever may not see a case does not learn of it by any route; from the matrix, so that a new route is covered."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass

import pytest

from api.events.stream import EventStream
from api.reach import reached_of
from tests.e2e.office import Office
from tests.e2e.test_api_access import APPROVER, MATRIX
from tests.e2e.test_api_handling import change
from tests.e2e.test_api_sessions import Browser, person
from triage.adapters.storage.database import Database
from triage.domain.access import Caller, Role, scopes_of
from triage.domain.drafting import Suggestion, SuggestionState
from triage.domain.outbound import START

pytestmark = pytest.mark.postgres
SECRET = "R-SECRET-1"
WORDS = "Ekspres pokazuje błąd E18, kanarek-tajny-2."
ABOUT_A_CASE = sorted(
    (method, path)
    for (method, path), row in MATRIX.items()
    if APPROVER in row.allowed and re.search(r"{(case_id|ticket_id|file_id)}", path)
)
LISTS = sorted(
    path for (method, path), row in MATRIX.items() if method == "GET" and "{" not in path and APPROVER in row.allowed
)


@dataclass
class Desk:
    """Anna works for the team ``agd``; the secret case is the team ``rtv``'s, solved, with a file, of her customer."""

    office: Office
    anna: Browser
    caller: Caller
    file_id: str

    def ask(self, method: str, path: str, **options: object) -> tuple[int, object]:
        """Anna's answer, without what differs from one request to the next."""
        answer = self.anna.call(method, path, **options)
        content = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
        return answer.status_code, {**content, "correlation_id": ""} if isinstance(content, dict) else content


@pytest.fixture(scope="module")
def desk(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    office = Office(postgres, tmp_path_factory.mktemp("desk"))
    office.pending(SECRET, text=WORDS)
    office.approve(office.case(SECRET))
    office.work()
    stored = office.call("POST", f"/v1/tickets/{SECRET}/files", content=b"tajny plik", params={"name": "plik.txt"})
    change(office, office, "handover", {"team": "rtv"}, SECRET)
    office.pending("A1")
    change(office, office, "handover", {"team": "agd"}, "A1")
    office.backend.learning.samples.draw(office.tenant, 100, days=30, actor="test")
    wording = Suggestion("S1", "ACK", "pl", "Słowa.", 1, (SECRET, "A1"), SuggestionState.OPEN, office.clock.now())
    with office.backend.unit_of_work(office.tenant) as uow:
        uow.suggestions.put(wording)
        uow.commit()
    anna = person(office, Role.APPROVER, teams=("agd",))
    anna.log_in()
    office.app.state.stopping.set()  # streams of events end at once
    caller = Caller(
        "u1", "user:anna", office.tenant, Role.APPROVER, scopes_of(Role.APPROVER), frozenset({"agd"}), by_session=True
    )
    return Desk(office, anna, caller, stored.json()["id"])


@pytest.mark.parametrize("operation", ABOUT_A_CASE, ids=" ".join)
def test_another_teams_case_is_answered_exactly_like_one_that_is_not_there(
    desk: Desk, operation: tuple[str, str]
) -> None:
    method, path = operation
    before = desk.office.case(SECRET)
    options = {"headers": {"If-Match": before.headers["etag"]}}
    if body := MATRIX[operation].body:
        options["json"] = body  # type: ignore[assignment]
    if path.endswith("/files") and method == "POST":
        options = {"content": b"tekst"}  # type: ignore[dict-item]
    foreign = desk.file_id if "{file_id}" in path else SECRET
    told = [desk.ask(method, re.sub(r"\{\w+\}", one, path), **options) for one in (foreign, "missing")]
    assert told[0] == told[1]
    assert told[0][0] == 404
    assert desk.office.case(SECRET).json() == before.json()
    assert desk.office.call("GET", f"/v1/files/{desk.file_id}").content == b"tajny plik"


@pytest.mark.parametrize("path", LISTS)
def test_no_list_holds_anything_of_another_teams_case(desk: Desk, path: str) -> None:
    query = {"q": "E18"} if path.endswith("search") else {"first": "seed", "second": "seed"}
    answer = desk.anna.call("GET", path, params=query)
    assert answer.status_code in (200, 404, 422), answer.text
    assert SECRET not in answer.text
    assert "kanarek-tajny" not in answer.text


def test_what_is_beside_an_own_case_holds_nothing_of_another_teams(desk: Desk) -> None:
    """Same customer, same fault: without the wall each of these would name it."""
    for what in ("similar", "history"):
        own, everybodys = (
            desk.anna.call("GET", f"/v1/cases/A1/{what}"),
            desk.office.call("GET", f"/v1/cases/A1/{what}"),
        )
        assert own.status_code == 200
        assert (SECRET in own.text, SECRET in everybodys.text) == (False, True), what
    assert desk.anna.call("GET", "/v1/suggestions").json()["suggestions"][0]["cases"] == ["A1"]


def test_tags_reach_own_cases_only_and_a_foreign_one_is_told_like_a_missing_one(desk: Desk) -> None:
    wanted = {"cases": [SECRET, "A1", "missing"], "add": ["vip"]}
    told = desk.anna.call("POST", "/v1/cases/tags", json=wanted).json()["cases"]
    assert [(one["case_id"], one["outcome"]) for one in told] == [
        (SECRET, "not_found"),
        ("A1", "tagged"),
        ("missing", "not_found"),
    ]


def test_a_page_cannot_begin_behind_another_teams_case(desk: Desk) -> None:
    cursors = [base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in (SECRET, "missing", "A1")]
    foreign, missing, own = (desk.ask("GET", "/v1/cases", params={"cursor": cursor}) for cursor in cursors)
    assert foreign == missing
    assert (foreign[0], own[0]) == (422, 200)


def test_events_tell_of_own_cases_only(desk: Desk) -> None:
    async def told(caller: Caller) -> str:
        feed = desk.office.backend.outbound.changes
        seen = lambda ids: reached_of(desk.office.backend, caller, ids)  # noqa: E731
        stream = EventStream(feed, desk.office.tenant, START, asyncio.Event(), seen, every_s=0.05, life_s=0.5)
        return b"".join([line async for line in stream.lines()]).decode()

    own = asyncio.run(told(desk.caller))
    assert "A1" in own
    assert SECRET not in own
    lead = Caller("u2", "user:ola", desk.office.tenant, Role.LEAD, scopes_of(Role.LEAD), frozenset({"agd"}))
    assert SECRET in asyncio.run(told(lead))
