"""Reading: the queue in order and in pages, one case in full, the knowledge base, the probes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.office import Office
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.errors import StorageUnavailable

pytestmark = pytest.mark.postgres


def ids(office: Office, query: str = "") -> list[str]:
    return [entry["id"] for entry in office.call("GET", f"/v1/cases{query}").json()["cases"]]


def test_the_queue_shows_the_most_urgent_first(office: Office) -> None:
    for ticket_id, text in (("A", "cieknie"), ("B", "dymi się!"), ("C", "cieknie"), ("D", "znowu dymi")):
        office.pending(ticket_id, text=text)
    assert ids(office) == ["B", "D", "A", "C"]
    assert ids(office, "?level=P1") == ["B", "D"]


def test_pages_hold_every_case_once_whatever_their_size(office: Office) -> None:
    for number in range(7):
        office.pending(f"T{number}", text="dymi" if number % 3 else "cieknie")
    whole = ids(office)
    assert len(whole) == 7
    for size in (1, 2, 3, 7, 200):
        seen: list[str] = []
        query = f"?limit={size}"
        while True:
            page = office.call("GET", f"/v1/cases{query}").json()
            seen += [entry["id"] for entry in page["cases"]]
            if page["next"] is None:
                break
            query = f"?limit={size}&cursor={page['next']}"
        assert seen == whole


def test_filters_narrow_the_queue(office: Office) -> None:
    office.pending("A")
    office.receive("B")
    assert ids(office, "?state=received") == ["B"]
    assert ids(office, "?state=pending_approval&category=C03") == ["A"]
    assert ids(office, "?category=C99") == []
    assert ids(office, "?safe_due_before=2026-12-01") == ["A"]
    assert ids(office, "?safe_due_before=2026-11-30") == []


@pytest.mark.parametrize(
    "query",
    ["?limit=0", "?limit=201", "?limit=x", "?state=gone", "?level=P9", "?category=%00", "?category=a'b", "?cursor=!",
     "?cursor=Tm9uZQ", "?cursor=AA", "?safe_due_before=yesterday", "?safe_due_before=0",
     "?safe_due_before=1.4e-7", "?safe_due_before=99999-01-01"],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused(office: Office, query: str) -> None:
    response = office.call("GET", f"/v1/cases{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_case_is_shown_in_full(office: Office) -> None:
    read = office.pending()
    case = read.json()
    assert case["category"]["code"] == "C03"
    assert case["category"]["alternatives"][1] == {"code": "C01", "probability": 0.09}
    assert (case["language"], case["urgency"]["level"], case["flags"]) == (
        "pl",
        "P3",
        [{"code": "SAFETY", "evidence": "dymi"}],
    )
    assert case["deadlines"][0]["rule"] == "UPK-7A-REPLY"
    assert case["deadlines"][0]["safe_due"] == "2026-11-30"
    draft = case["draft"]
    [sentence] = draft["sentences"]
    assert draft["body"][sentence["start"] : sentence["end"]] == sentence["text"] == sentence["sources"][0]["quote"]
    assert draft["citations"][0]["document"] == "M01"
    assert case["passages"][0]["quote"] == sentence["text"]
    assert case["passages"][0]["section"] == ["Kody", "E18"]
    assert case["summary"]["lines"][0]["text"] == "Żąda naprawy."
    assert case["provenance"]["rule_table"] == "rules@1"
    assert case["timings_ms"] == {"redact": 0.31, "classify": 1.25}
    assert read.headers["etag"] == f'"{case["version"]}-{draft["digest"][:16]}"'


def test_a_case_that_is_not_triaged_yet_is_shown_with_what_there_is(office: Office) -> None:
    office.receive()
    read = office.case()
    case = read.json()
    assert (case["state"], case["category"], case["draft"], case["summary"]) == ("received", None, None, None)
    assert read.headers["etag"] == '"1-none"'


def test_a_case_whose_triage_failed_says_where(office: Office) -> None:
    office.receive()
    office.backend.casework.give_up(office.tenant, "T1", "OSError")
    assert office.case().json()["failure"] == {"stage": "worker", "reason": "OSError"}
    assert office.call("GET", "/v1/cases?state=needs_attention").json()["cases"][0]["failed_stage"] == "worker"


def test_triaging_again_needs_the_case_as_it_was_read(office: Office) -> None:
    read = office.pending()
    assert office.call("POST", "/v1/cases/T1/retriage", role=Role.AGENT).status_code == 428
    headers = {"If-Match": read.headers["etag"]}
    again = office.call("POST", "/v1/cases/T1/retriage", role=Role.AGENT, headers=headers)
    assert (again.status_code, again.json()["state"]) == (202, "received")
    assert office.call("POST", "/v1/cases/T1/retriage", headers=headers).status_code == 412
    assert office.approve(read).status_code == 412
    office.work()
    assert office.case().json()["state"] == "pending_approval"


def test_triaging_an_approved_case_again_voids_the_approval(office: Office) -> None:
    office.approve(office.pending())
    headers = {"If-Match": office.case().headers["etag"]}
    assert office.call("POST", "/v1/cases/T1/retriage", headers=headers).status_code == 202
    office.work()
    assert office.outbox == []
    assert office.approve(office.case()).status_code == 200
    office.work()
    assert len(office.outbox) == 1


def test_a_search_answers_the_same_by_get_and_by_post(office: Office) -> None:
    by_get = office.call(
        "GET", "/v1/knowledge/search", params={"q": "błąd E18", "limit": 3, "products": ["K400", "W7"]}
    )
    by_post = office.call(
        "POST", "/v1/knowledge/search", json={"q": "błąd E18", "limit": 3, "products": ["K400", "W7"]}
    )
    assert by_get.status_code == by_post.status_code == 200
    one, other = by_get.json(), by_post.json()
    assert one.pop("search_id") != other.pop("search_id")
    assert one == other
    [found] = by_get.json()["passages"]
    assert (found["document"], found["section"], found["score"]) == ("M01", ["Kody", "E18"], 0.93)
    assert office.call("GET", "/v1/knowledge/search?q=pogoda").json()["passages"] == []


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=%20", "?q=%00", "?q=x&limit=51", "?q=x&audience=all", "?q=x&valid_on=x", "?q=x&more=1"]
)
def test_a_search_that_cannot_be_is_refused(office: Office, query: str) -> None:
    assert office.call("GET", f"/v1/knowledge/search{query}").status_code == 422


def test_the_documents_are_listed(office: Office) -> None:
    listed = office.call("GET", "/v1/knowledge/documents").json()
    assert (listed["generation"], [document["id"] for document in listed["documents"]]) == ("g-test", ["M01"])


def test_live_answers_whatever_is_broken_and_ready_names_what_is(postgres: Database, tmp_path: Path) -> None:
    office = Office(postgres, tmp_path)
    assert office.http.get("/ready").json() == {"status": "ok", "checks": {"database": "ok"}, "stopped": False}

    def broken() -> None:
        raise StorageUnavailable("postgresql://user:secret@host is down")

    object.__setattr__(office.backend, "checks", {"database": broken, "index": lambda: None})
    ready = office.http.get("/ready")
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "failed", "checks": {"database": "failed", "index": "ok"}, "stopped": False},
    )
    assert "secret" not in ready.text
    assert office.http.get("/live").json() == {"status": "ok"}


def test_a_filter_that_is_misspelt_is_refused_and_those_there_are_are_named(office: Office) -> None:
    office.pending()
    refused = office.call("GET", "/v1/cases?urgency=P1&level=P3")
    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert fault["field"] == "query.urgency"
    assert "level" in fault["message"]
    assert office.call("GET", "/v1/session?x=1").status_code == 422
