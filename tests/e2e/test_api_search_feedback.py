"""Searches on record: redacted, judged, exported, and what they show to be missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.library import folder_of, open_library
from tests.e2e.office import Office
from tests.fakes.clock import FakeClock
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.library.judgements import judged_queries

pytestmark = pytest.mark.postgres
QUESTION = "w ile dni odpowiadamy na reklamację"


@pytest.fixture
def office(postgres: Database, tmp_path: Path) -> Office:
    clock = FakeClock()
    return Office(postgres, tmp_path, clock=clock, library=open_library(postgres, tmp_path, clock))


def search(office: Office, question: str, **options: Any) -> dict[str, Any]:
    answer = office.call("POST", "/v1/knowledge/search", json={"q": question}, **options)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def judge(office: Office, search_id: str, helpful: bool, *passages: str, **options: Any) -> int:
    body = {"search_id": search_id, "helpful": helpful, "passages": list(passages)}
    return office.call("POST", "/v1/knowledge/feedback", json=body, **options).status_code


def kept(office: Office) -> tuple[Any, Any]:
    since = office.clock.now() - timedelta(days=1)
    log = office.backend.library.log
    return log.searches(office.tenant, since=since, limit=100), log.verdicts(office.tenant, since=since)


def test_what_is_kept_of_a_search_holds_no_personal_data(office: Office) -> None:
    search(office, "Jan Kowalski, PESEL 44051401359, tel. 601 234 567 pyta o reklamację")
    [[one], verdicts] = kept(office)
    assert one.query.endswith("pyta o reklamację")
    assert not any(secret in one.query for secret in ("Kowalski", "44051401359", "601"))
    assert (one.actor.startswith("key:"), one.language, verdicts) == (True, "pl", ())


def test_a_near_miss_gets_no_answer_but_its_nearest_passages_and_what_they_lack(office: Office) -> None:
    found = search(office, "pralka W9 pokazuje kod E77, ile kosztuje nowa?")
    assert found["passages"] == []
    assert {"W9", "E77", "cena"} == set(found["nearest"][0]["missing"])
    assert found["note"].startswith("Żaden dokument nie wspomina: W9, E77.")
    [[one], _] = kept(office)
    assert one.hits == ()  # what is only near is no answer, and shows as a gap
    answered = search(office, QUESTION)
    assert (answered["nearest"], answered["note"], answered["passages"][0]["missing"]) == ([], "", [])


def test_feedback_names_what_was_shown_and_a_later_word_replaces_the_earlier(office: Office) -> None:
    found = search(office, QUESTION)
    shown = found["passages"][0]["id"]
    assert judge(office, found["search_id"], True, shown) == 201
    assert judge(office, found["search_id"], False, shown) == 201
    assert judge(office, found["search_id"], True, shown, role=Role.ADMIN) == 201
    assert judge(office, found["search_id"], True) == 201
    _, verdicts = kept(office)
    assert sorted((verdict.passage_id or "", verdict.helpful) for verdict in verdicts) == [
        ("", True), (shown, False), (shown, True),
    ]  # fmt: skip
    assert judge(office, found["search_id"], True, "P99@1#0") == 422
    assert judge(office, "0" * 16, True) == 404


def test_a_search_of_another_tenant_cannot_be_judged(office: Office, tmp_path: Path) -> None:
    stranger = Office(office.database, tmp_path, clock=office.clock, library=office.backend.library)
    found = search(office, QUESTION)
    assert judge(stranger, found["search_id"], True) == 404
    assert stranger.call("GET", "/v1/knowledge/gaps").json()["searches"] == 0


def test_verdicts_become_judgements_by_majority_and_question(office: Office) -> None:
    first, second = search(office, QUESTION), search(office, f"{QUESTION.upper()}  ")
    shown = first["passages"][0]["id"]
    judge(office, first["search_id"], True, shown)
    judge(office, second["search_id"], True, shown)
    judge(office, second["search_id"], False, shown, role=Role.ADMIN)
    [query] = judged_queries(*kept(office))
    assert (query.text.casefold(), dict(query.gains)) == (QUESTION, {shown: 1})


def test_gaps_are_unanswered_or_unhelpful_questions_grouped(office: Office) -> None:
    for question in ("godziny otwarcia sklepu w Gdyni", "sklepu w Gdyni godziny otwarcia", "kto wygrał mecz"):
        assert search(office, question)["passages"] == []
        office.clock.advance(minutes=1)
    unhelpful, helped = search(office, QUESTION), search(office, "termin odpowiedzi na reklamację")
    judge(office, unhelpful["search_id"], False)
    judge(office, helped["search_id"], False)
    judge(office, helped["search_id"], True, helped["passages"][0]["id"])
    told = office.call("GET", "/v1/knowledge/gaps").json()
    assert told["searches"] == 5
    assert [(gap["times"], gap["unanswered"]) for gap in told["gaps"]] == [(2, 2), (1, 0), (1, 1)]
    assert set(told["gaps"][0]["wordings"]) == {"godziny otwarcia sklepu w Gdyni", "sklepu w Gdyni godziny otwarcia"}
    assert told["gaps"][1]["question"] == QUESTION
    office.clock.advance(days=60)
    assert office.call("GET", "/v1/knowledge/gaps?days=30").json()["gaps"] == []


def test_a_search_is_answered_even_when_it_cannot_be_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from triage.adapters.storage.searches import SqlSearchLog
    from triage.errors import StorageUnavailable

    def fail(*_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(SqlSearchLog, "keep", fail)
    found = search(office, QUESTION)
    assert found["search_id"] is None
    assert found["passages"]


def test_searches_are_forgotten_with_their_verdicts_when_the_schedule_says_so(office: Office) -> None:
    judge(office, search(office, QUESTION)["search_id"], True)
    log, since = office.backend.library.log, office.clock.now() - timedelta(days=1)
    office.clock.advance(days=365)  # the last day of twelve months
    office.backend.privacy.desk.apply_retention(office.tenant, actor="cli")
    assert (len(log.searches(office.tenant, since=since, limit=9)), len(log.verdicts(office.tenant, since=since))) == (
        1,
        1,
    )
    office.clock.advance(days=1)
    office.backend.privacy.desk.apply_retention(office.tenant, actor="cli")
    assert (log.searches(office.tenant, since=since, limit=9), log.verdicts(office.tenant, since=since)) == ((), ())


def test_a_product_that_no_document_is_about_is_named_instead_of_passed_over(office: Office) -> None:
    manual = "---\nid: M09\nversion: '1.0'\ntitle: Instrukcja\nproduct: BrewOne\n---\n\nOdkamienianie trwa 20 minut.\n"
    (folder_of(office.folder) / "M09.md").write_text(manual, encoding="utf-8")
    office.backend.library.shelves.shared.build()  # type: ignore[attr-defined]
    body = {"q": QUESTION, "products": ["brewone", "BrewTwo"]}
    answer = office.call("POST", "/v1/knowledge/search", json=body).json()
    assert answer["unknown_products"] == ["BrewTwo"]
    assert [one["document"] for one in answer["passages"]] == ["P01"]  # it is about every product
    assert office.call("POST", "/v1/knowledge/search", json={"q": QUESTION}).json()["unknown_products"] == []
