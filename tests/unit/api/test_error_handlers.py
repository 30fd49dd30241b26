"""The status table: complete, and silent about what must not be told."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api import error_handlers
from api.error_handlers import STATUSES, answer_of, kind_of
from api.headers import Envelope
from knowledge_base.errors import KnowledgeBaseError, LoadError
from triage.errors import (
    AlreadyDecided,
    CaseNotFound,
    Contended,
    ModelUnavailable,
    StageFailed,
    StaleVersion,
    StorageError,
    StorageUnavailable,
    TriageError,
)

CANARY = "PESEL 44051401359"


def every(error: type[Exception]) -> set[type[Exception]]:
    """``error`` and everything below it, as far as the package's own modules define it."""
    below = {kind for sub in error.__subclasses__() for kind in every(sub)}
    return {kind for kind in {error, *below} if not kind.__module__.startswith("tests")}


def test_every_error_of_the_core_stands_in_the_table_itself() -> None:
    assert every(TriageError) - set(STATUSES) == set()
    assert len(every(TriageError)) >= 26


def test_every_error_of_the_knowledge_base_has_a_status_that_is_not_the_roots() -> None:
    unmapped = {kind for kind in every(KnowledgeBaseError) - set(STATUSES) if not issubclass(kind, LoadError)}
    assert unmapped == set()


def test_an_unmapped_error_takes_the_answer_of_the_class_above_it() -> None:
    class Newer(StaleVersion):
        """A newer kind."""

    assert answer_of(Newer).status == 412


def test_the_statuses_that_clients_rely_on() -> None:
    expected = {StaleVersion: 412, AlreadyDecided: 409, CaseNotFound: 404, StorageUnavailable: 503, StageFailed: 500}
    assert {kind: STATUSES[kind].status for kind in expected} == expected


def test_kinds_are_stable_words_and_no_two_errors_share_one() -> None:
    assert kind_of(StaleVersion) == "stale-version"
    kinds = [kind_of(kind) for kind in STATUSES]
    assert len(set(kinds)) == len(kinds)


class Body(BaseModel):
    amount: int


@pytest.fixture
def raising() -> TestClient:
    app = FastAPI()
    error_handlers.install(app)
    errors: dict[str, Exception] = {
        "foreign": RuntimeError(f"INSERT INTO tickets VALUES ('{CANARY}') at /srv/app/rows.py"),
        "stage": StageFailed("draft", CANARY),
        "storage": StorageError(CANARY),
        "missing": CaseNotFound(f"There is no case {CANARY!r}."),
        "gone": StorageUnavailable(),
        "held": Contended(),
        "model": ModelUnavailable(CANARY),
    }

    @app.get("/{name}")
    def fail(name: str) -> None:
        raise errors[name]

    @app.post("/body")
    def take(body: Body) -> None:
        """Never called in these tests."""

    return TestClient(Envelope(app), raise_server_exceptions=False)


@pytest.mark.parametrize("name", ["foreign", "stage", "storage", "missing", "gone", "model"])
def test_no_answer_and_no_log_line_tells_text_sql_or_paths(
    raising: TestClient, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = raising.get(f"/{name}")
    assert response.headers["content-type"] == "application/problem+json"
    told = response.text + "".join(
        json.dumps(record.__dict__, default=str) for record in caplog.records if record.name[:3] == "api"
    )
    for secret in (CANARY, "INSERT", "/srv"):
        assert secret not in told


def test_a_problem_and_the_log_carry_the_correlation_id_of_the_request(
    raising: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = raising.get("/foreign", headers={"X-Request-ID": "abc-12345"})
    assert response.status_code == 500
    assert response.json()["correlation_id"] == response.headers["x-request-id"] == "abc-12345"
    failed = [record for record in caplog.records if record.getMessage() == "request failed"]
    assert [(record.correlation_id, record.error) for record in failed] == [("abc-12345", "RuntimeError")]  # type: ignore[attr-defined]


def test_a_correlation_id_that_could_forge_a_log_line_is_replaced(raising: TestClient) -> None:
    response = raising.get("/missing", headers={"X-Request-ID": "x' OR 1=1 --"})
    assert response.json()["correlation_id"] != "x' OR 1=1 --"
    assert len(response.json()["correlation_id"]) == 32


def test_an_unavailable_part_says_when_to_come_back(raising: TestClient) -> None:
    response = raising.get("/gone")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


def test_what_somebody_else_holds_is_a_conflict_that_says_when_to_repeat(raising: TestClient) -> None:
    response = raising.get("/held")
    assert (response.status_code, response.headers["retry-after"]) == (409, "1")
    assert response.json()["type"] == "urn:triage:problem:contended"


def test_a_refused_field_is_named_and_what_was_sent_is_not(raising: TestClient) -> None:
    response = raising.post("/body", json={"amount": CANARY})
    assert response.status_code == 422
    assert response.json()["type"] == "urn:triage:problem:invalid-request"
    assert [fault["field"] for fault in response.json()["errors"]] == ["body.amount"]
    assert CANARY not in response.text
