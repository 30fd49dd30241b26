"""The OpenAPI document is a promise: complete, with examples that work, and kept whatever is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks

from api.app import build_app
from api.backend import Backend
from knowledge_base.rulings import RulingKind
from tests.e2e.office import FREE, Office
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.domain.drafting import Suggestion, SuggestionState
from triage.domain.library import Upload
from triage.domain.outbound import EndpointStatus, WebhookEndpoint
from triage.domain.rulings import DeskRuling, RulingState, Votes

pytestmark = pytest.mark.postgres
STATIC = Path(__file__).parents[2] / "api" / "static"
checks.load_all_checks()
CHECKS: list[Any] = [
    checks.CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
    )
]
NEGATIVE: Any = checks.CHECKS.get_one("negative_data_rejection")


@schemathesis.serializer("application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def office(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(postgres, tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def document(office: Office) -> dict[str, Any]:
    return dict(office.http.get("/openapi.json").json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _paths() -> dict[str, dict[str, Any]]:
    """Paths of the document, before there is a database: the document needs none."""

    class Keys:
        def any_in_force(self) -> bool:
            return True

    nothing = dict.fromkeys((field.name for field in fields(Backend)), None)
    app = build_app(Backend(**nothing | {"host": "127.0.0.1", "keys": Keys(), "checks": {}}), FREE)  # type: ignore[arg-type]
    return dict(app.openapi()["paths"])


@pytest.fixture(scope="module")
def schema(office: Office) -> schemathesis.BaseSchema:
    office.pending("T1")
    office.app.state.stopping.set()  # streams of events end at once
    return schemathesis.openapi.from_asgi("/openapi.json", office.app)


def _tells_wrong_from_right(method: str, path: str, status: int) -> bool:
    """Whether data that breaks the schema must be refused with one of the usual statuses.

    A stale If-Match (412) and a body too large (413) are refusals too, looked at before the body. In a query everything
    is text, so an "object" may be a fine subject. Intake reads records leniently on purpose, and bulk refuses line by
    line.
    """
    return status not in (412, 413) and method != "GET" and path not in ("/v1/tickets", "/v1/tickets/bulk")


@pytest.mark.parametrize("n", [12, pytest.param(150, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), [(m.upper(), p) for p, methods in _paths().items() for m in methods])
def test_nothing_that_is_sent_breaks_the_promise(
    schema: schemathesis.BaseSchema, office: Office, method: str, path: str, mode: GenerationMode, n: int
) -> None:
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def keeps_it(case: schemathesis.Case[Any]) -> None:
        case.headers["Authorization"] = f"Bearer {office.keys[Role.ADMIN]}"
        response = case.call()
        refused = [] if _tells_wrong_from_right(method, path, response.status_code) else [NEGATIVE]
        case.validate_response(response, checks=CHECKS, excluded_checks=refused)

    try:
        keeps_it()
    except Unsatisfiable:
        pytest.skip("nothing can be wrong about this request")


def test_no_text_of_a_query_that_cannot_be_stored_breaks_anything(office: Office, document: dict[str, Any]) -> None:
    """NUL, which PostgreSQL takes in no text; schemathesis tries it in one run of many."""
    tried = 0
    for method, path, operation in operations(document):
        asked = re.sub(r"{\w+}", "T1", path)
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                answer = office.call(method.upper(), asked, role=Role.ADMIN, params={parameter["name"]: "a\x00b"})
                assert answer.status_code < 500, (method, path, parameter["name"])
                tried += 1
    assert tried > 50


def test_a_number_or_a_yes_of_a_body_is_one_and_not_what_could_be_read_as_one(
    office: Office, document: dict[str, Any]
) -> None:
    """``true`` is no integer and 1 no boolean; intake alone reads leniently."""
    other = {"integer": (True, "3"), "boolean": (1, "yes")}
    tried = []
    for method, path, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        model = document["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
        for name, field in model.get("properties", {}).items():
            for kind in {one.get("type") for one in (field, *field.get("anyOf", ()))} & other.keys():
                for wrong in other[kind]:
                    asked = re.sub(r"{\w+}", "T1", path)
                    sent = {
                        "json": model["examples"][0] | {name: wrong},
                        "headers": {"If-Match": '"1-0123456789abcdef"'},
                    }
                    answer = office.call(method.upper(), asked, role=Role.ADMIN, **sent)
                    assert (answer.status_code, name in answer.text) == (422, True), (method, path, name, wrong)
                tried.append((path, name))
    assert len(tried) >= 10, tried


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"]


def test_every_operation_is_described_and_documents_every_error_it_can_give(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        if not path.startswith("/v1"):
            continue
        anonymous = (method, path) == ("put", "/v1/session") or path.startswith("/v1/sso/")
        assert operation.get("security", []) == ([] if anonymous else [{"apiKey": []}, {"session": []}])
        assert {"400", "401", "403", "413", "422", "429", "500", "503"} <= set(operation["responses"]), (method, path)
        assert method == "get" or "409" in operation["responses"], (method, path)  # two who write at the same moment
        assert method != "post" or "410" in operation["responses"], (method, path)  # its person was erased meanwhile
        for status, response in operation["responses"].items():
            if status >= "400":
                assert set(response["content"]) == {"application/problem+json"}, (method, path, status)


def test_every_post_may_carry_an_idempotency_key_and_every_decision_an_etag(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        names = {parameter["name"].lower() for parameter in operation.get("parameters", [])}
        assert ("idempotency-key" in names) == (method == "post"), (method, path)
        decisions = r"/(approve|reject|withdraw|retriage|draft|labels|handover|snooze|reopen|requester)$"
        decides = re.search(decisions, path) is not None
        assert ("if-match" in names) == decides, (method, path)
        assert ("428" in operation["responses"]) == decides, (method, path)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert found <= set(document["components"]["schemas"])


def an_endpoint(office: Office) -> WebhookEndpoint:
    """A webhook endpoint that the examples can be about."""
    now = office.clock.now()
    return WebhookEndpoint(
        office.tenant, "EX", "https://example.com/hook", "", frozenset(), EndpointStatus.ACTIVE,
        generation=1, rotated_at=now, created_at=now,
    )  # fmt: skip


def test_every_body_has_an_example_and_the_example_is_accepted(document: dict[str, Any], office: Office) -> None:
    digest = office.pending("EX").json()["draft"]["digest"]
    document_file = Upload("EX.md", b"---\nid: EX\nversion: EX\n---\n## Zwrot\n\nTekst.")
    assert office.backend.library.librarian.add(office.tenant, [document_file], actor="test").stored
    searched = office.call("POST", "/v1/knowledge/search", json={"q": "E18"}).json()
    passage = searched["passages"][0]["id"]
    judged = {"search_id": searched["search_id"], "passages": [passage]}
    proposed = DeskRuling(
        "EX", RulingKind.NOWHERE, "E18", "pl", "", "", (), (), Votes(0, 1), RulingState.PROPOSED, office.clock.now()
    )
    office.backend.library.teaching.store.put(office.tenant, proposed, before=None, actor="test")
    office.backend.learning.samples.draw(office.tenant, 1000, days=30, actor="test")
    wording = Suggestion("EX", "ACK", "pl", "Słowa.", 1, ("EX",), SuggestionState.OPEN, office.clock.now())
    with office.backend.unit_of_work(office.tenant) as uow:
        uow.suggestions.put(wording)
        uow.commit()
    office.backend.outbound.webhooks.add(an_endpoint(office), actor="test")
    refused: dict[tuple[str, str], str] = {}
    repeated: list[str] = []
    for method, path, operation in operations(document):
        schemas = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in schemas or path.startswith(("/v1/session", "/v1/users/")):  # their own tests
            continue
        schema = schemas["application/json"]["schema"]["$ref"].rpartition("/")[2]
        [example] = document["components"]["schemas"][schema]["examples"]
        if "draft_digest" in example:
            example = example | {"draft_digest": digest}
        if "search_id" in example:
            example = example | judged
        if "passage" in example:
            example = example | {"passage": passage}
        url = re.sub(r"\{\w+\}", "EX", path.replace("{field}", "category"))
        headers = {
            "If-Match": office.case("EX").headers["etag"],
            "Idempotency-Key": f"{method} {path}".replace(" ", "-"),
        }
        answer = office.call(method, url, role=Role.ADMIN, json=example, headers=headers)
        if answer.status_code not in (200, 201, 202, 204, 409, 412):
            refused[method, path] = answer.text
        if method == "post" and answer.is_success:
            repeated.append(path)
            _assert_it_is_done_once(office, url, example, headers, answer, operation)
    assert refused == {}
    assert len(repeated) >= 15, repeated  # the others' answers were conflicts, of which none is kept


def _assert_it_is_done_once(
    office: Office, url: str, body: Any, headers: dict[str, str], first: Any, operation: dict[str, Any]
) -> None:
    again = office.call("POST", url, role=Role.ADMIN, json=body, headers=headers)
    shown_once = dict.fromkeys(operation.get("x-shown-once", ()))
    assert (again.status_code, again.headers.get("idempotent-replayed")) == (first.status_code, "true"), url
    assert again.json() == first.json() | shown_once if shown_once else again.text == first.text, url
    other = office.call("POST", url, role=Role.ADMIN, json={"other": body}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:triage:problem:idempotency-mismatch"), url


def test_the_docs_need_nothing_from_outside(office: Office) -> None:
    page = office.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert not [link for link in links if not link.startswith(("/", "data:"))]
    for link in links:
        if link.startswith("/"):
            assert office.http.get(link).status_code == 200, link
    assert not re.search(r"<script>|\son\w+=", page.text)


def test_the_vendored_files_are_the_published_ones() -> None:
    listed = dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", (STATIC / "README.md").read_text("utf-8"), re.M))
    assert len(listed) == 5
    for name, digest in listed.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
