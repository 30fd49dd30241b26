"""Who may do what: a matrix over every operation of the OpenAPI document, every role, own and foreign objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.app import build_app
from api.headers import SECURITY_HEADERS
from api.limits import Limits
from tests.e2e.office import FREE, Office
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.domain.api_keys import issue_key
from triage.errors import ConfigurationError

pytestmark = pytest.mark.postgres

AGENT, APPROVER, LEAD, DPO, ADMIN = Role.AGENT, Role.APPROVER, Role.LEAD, Role.DPO, Role.ADMIN
EVERYBODY = set(Role)
ALL, DECIDERS, ADMINS = EVERYBODY - {DPO}, {APPROVER, LEAD, ADMIN}, {ADMIN}
LEADS, AUDITORS = {LEAD, ADMIN}, {LEAD, DPO, ADMIN}
PRIVACY = {DPO, ADMIN}
DIGEST = "0" * 64
OPEN = {
    ("GET", "/live"),
    ("GET", "/ready"),
    ("PUT", "/v1/session"),
    ("GET", "/v1/sso/login"),
    ("GET", "/v1/sso/callback"),
}
PASSWORD = "cztery-słowa-bez-związku"


@dataclass(frozen=True)
class Row:
    """An operation: who may call it, with what body, and whether it is about one object."""

    allowed: set[Role]
    body: object = None
    about_one: bool = False


MATRIX = {
    ("POST", "/v1/tickets"): Row(ALL, {"text": "Ekspres cieknie."}),
    ("POST", "/v1/tickets/bulk"): Row(ALL, {"text": "Ekspres cieknie."}),
    ("POST", "/v1/tickets/{ticket_id}/messages"): Row(ALL, {"text": "Ponaglam."}, about_one=True),
    ("GET", "/v1/tickets/{ticket_id}"): Row(ALL, about_one=True),
    ("GET", "/v1/cases"): Row(EVERYBODY),
    ("GET", "/v1/cases/{case_id}"): Row(EVERYBODY, about_one=True),
    ("GET", "/v1/cases/{case_id}/approvals"): Row(EVERYBODY, about_one=True),
    ("POST", "/v1/cases/{case_id}/retriage"): Row(ALL, about_one=True),
    ("PUT", "/v1/cases/{case_id}/draft"): Row(ALL, {"draft_digest": DIGEST, "body": "Dzień dobry."}, about_one=True),
    ("POST", "/v1/cases/{case_id}/draft"): Row(ALL, {"decision": "ACCEPT_REPAIR"}, about_one=True),
    ("GET", "/v1/cases/{case_id}/edits"): Row(EVERYBODY, about_one=True),
    ("GET", "/v1/cases/{case_id}/similar"): Row(EVERYBODY, about_one=True),
    ("GET", "/v1/cases/{case_id}/history"): Row(EVERYBODY, about_one=True),
    ("GET", "/v1/replies"): Row(EVERYBODY),
    ("GET", "/v1/suggestions"): Row(EVERYBODY),
    ("POST", "/v1/suggestions/{suggestion_id}/review"): Row(DECIDERS, {"state": "rejected"}, about_one=True),
    ("POST", "/v1/cases/{case_id}/approve"): Row(DECIDERS, {"draft_digest": DIGEST}, about_one=True),
    ("POST", "/v1/cases/{case_id}/reject"): Row(DECIDERS, {"reason": "zły ton"}, about_one=True),
    ("POST", "/v1/cases/{case_id}/withdraw"): Row(DECIDERS, about_one=True),
    ("POST", "/v1/cases/{case_id}/resolve"): Row(DECIDERS, {"delivered": True}, about_one=True),
    ("PATCH", "/v1/cases/{case_id}/labels"): Row(ALL, {"category": "C04"}, about_one=True),
    ("GET", "/v1/cases/{case_id}/corrections"): Row(EVERYBODY, about_one=True),
    ("POST", "/v1/cases/tags"): Row(ALL, {"cases": ["T1"], "add": ["vip"]}),
    ("GET", "/v1/automation"): Row(EVERYBODY),
    ("PUT", "/v1/automation/{field}"): Row(ADMINS, {"level": "off"}),
    ("GET", "/v1/taxonomy"): Row(EVERYBODY),
    ("GET", "/v1/learning/queue"): Row(EVERYBODY),
    ("POST", "/v1/learning/sample"): Row(ADMINS, {"size": 5}),
    ("GET", "/v1/learning/sample"): Row(ALL),
    ("PUT", "/v1/learning/sample/{ticket_id}"): Row(ALL, {"category": "C04"}, about_one=True),
    ("GET", "/v1/learning/drift"): Row(EVERYBODY),
    ("GET", "/v1/models"): Row(EVERYBODY),
    ("POST", "/v1/models/promote"): Row(ADMINS, {"model": "seed"}),
    ("POST", "/v1/models/rollback"): Row(ADMINS),
    ("PUT", "/v1/models/trial"): Row(ADMINS, {"model": None}),
    ("GET", "/v1/models/compare"): Row(EVERYBODY),
    ("GET", "/v1/knowledge/search"): Row(EVERYBODY),
    ("POST", "/v1/knowledge/search"): Row(EVERYBODY, {"q": "E18"}),
    ("POST", "/v1/knowledge/feedback"): Row(EVERYBODY, {"search_id": "0" * 16, "helpful": True}),
    ("GET", "/v1/knowledge/gaps"): Row(EVERYBODY),
    ("GET", "/v1/knowledge/rulings"): Row(EVERYBODY),
    ("POST", "/v1/knowledge/rulings"): Row(ADMINS, {"question": "kiedy zwrot pieniędzy", "passage": "P99@1#0"}),
    ("POST", "/v1/knowledge/rulings/{ruling_id}/review"): Row(ADMINS, {"decision": "accept"}, about_one=True),
    ("GET", "/v1/knowledge/documents"): Row(EVERYBODY),
    ("POST", "/v1/knowledge/documents"): Row(ADMINS),
    ("POST", "/v1/knowledge/documents/fetch"): Row(ADMINS, {"urls": []}),
    ("GET", "/v1/knowledge/documents/{document_id}"): Row(EVERYBODY, about_one=True),
    ("DELETE", "/v1/knowledge/documents/{document_id}"): Row(ADMINS, about_one=True),
    ("PATCH", "/v1/knowledge/documents/{document_id}/versions/{version}"): Row(
        ADMINS, {"owner": "Dział"}, about_one=True
    ),
    ("GET", "/v1/knowledge/documents/{document_id}/versions/{version}"): Row(EVERYBODY, about_one=True),
    ("DELETE", "/v1/knowledge/documents/{document_id}/versions/{version}"): Row(ADMINS, about_one=True),
    ("GET", "/v1/knowledge/documents/{document_id}/versions/{version}/text"): Row(EVERYBODY, about_one=True),
    ("GET", "/v1/knowledge/documents/{document_id}/versions/{version}/content"): Row(EVERYBODY, about_one=True),
    ("GET", "/v1/knowledge/index"): Row(EVERYBODY),
    ("POST", "/v1/knowledge/index"): Row(ADMINS),
    ("POST", "/v1/keys"): Row(ADMINS, {"name": "nowy", "role": "agent"}),
    ("GET", "/v1/keys"): Row(ADMINS),
    ("DELETE", "/v1/keys/{key_id}"): Row(ADMINS, about_one=True),
    ("POST", "/v1/webhooks"): Row(ADMINS, {"url": "https://example.com/hook"}),
    ("GET", "/v1/webhooks"): Row(ADMINS),
    ("PATCH", "/v1/webhooks/{endpoint_id}"): Row(ADMINS, {"paused": True}, about_one=True),
    ("DELETE", "/v1/webhooks/{endpoint_id}"): Row(ADMINS, about_one=True),
    ("POST", "/v1/webhooks/{endpoint_id}/secret"): Row(ADMINS, about_one=True),
    ("GET", "/v1/webhooks/{endpoint_id}/deliveries"): Row(ADMINS, about_one=True),
    ("GET", "/v1/webhook-deliveries/{delivery_id}/attempts"): Row(ADMINS, about_one=True),
    ("POST", "/v1/webhook-deliveries/{delivery_id}/replay"): Row(ADMINS, about_one=True),
    ("POST", "/v1/imports"): Row(ALL),
    ("POST", "/v1/imports/{import_id}/lines"): Row(ALL, {"text": "Ekspres cieknie."}, about_one=True),
    ("GET", "/v1/imports/{import_id}"): Row(ALL, about_one=True),
    ("GET", "/v1/events"): Row(EVERYBODY),
    ("GET", "/v1/jobs/dead"): Row(ADMINS),
    ("POST", "/v1/jobs/dead/{job_id}/replay"): Row(ADMINS, about_one=True),
    ("POST", "/v1/tickets/{ticket_id}/files"): Row(ALL, {"text": "x"}, about_one=True),
    ("GET", "/v1/tickets/{ticket_id}/files"): Row(ALL, about_one=True),
    ("GET", "/v1/files/{file_id}"): Row(ALL, about_one=True),
    ("DELETE", "/v1/files/{file_id}"): Row(DECIDERS, about_one=True),
    ("POST", "/v1/privacy/plan"): Row(PRIVACY, {"emails": ["anna@example.com"]}),
    ("POST", "/v1/privacy/erase"): Row(PRIVACY, {"person": {"emails": ["a@example.com"]}, "plan_digest": DIGEST}),
    ("POST", "/v1/privacy/export"): Row(PRIVACY, {"emails": ["anna@example.com"]}),
    ("GET", "/v1/privacy/retention"): Row(PRIVACY),
    ("POST", "/v1/privacy/retention"): Row(PRIVACY),
    ("GET", "/v1/audit/ai-use"): Row(AUDITORS),
    ("GET", "/v1/safety/register"): Row(AUDITORS),
    ("GET", "/v1/safety/clusters"): Row(AUDITORS),
    ("GET", "/v1/audit"): Row(AUDITORS),
    ("POST", "/v1/cases/{case_id}/handover"): Row(ALL, {"team": "agd"}, about_one=True),
    ("POST", "/v1/cases/{case_id}/snooze"): Row(ALL, {"until": None}, about_one=True),
    ("PUT", "/v1/cases/{case_id}/requester"): Row(ALL, {"email": "anna@example.com"}, about_one=True),
    ("POST", "/v1/cases/{case_id}/reopen"): Row(ALL, about_one=True),
    ("GET", "/v1/stop"): Row(EVERYBODY),
    ("PUT", "/v1/stop"): Row(LEADS, {"reason": "próba"}),
    ("DELETE", "/v1/stop"): Row(ADMINS),
    ("GET", "/v1/sending-pauses"): Row(EVERYBODY),
    ("DELETE", "/v1/sending-pauses"): Row(LEADS),
    ("GET", "/v1/session"): Row(EVERYBODY),
    ("DELETE", "/v1/session"): Row(EVERYBODY),
    ("PUT", "/v1/session/password"): Row(set(), {"current": PASSWORD, "new": PASSWORD}),
    ("POST", "/v1/users"): Row(ADMINS, {"name": "nowa", "role": "agent"}),
    ("GET", "/v1/users"): Row(ADMINS),
    ("PATCH", "/v1/users/{user_id}"): Row(ADMINS, {"role": "agent"}, about_one=True),
}


def operations(office: Office) -> set[tuple[str, str]]:
    paths: dict[str, dict[str, object]] = office.http.get("/openapi.json").json()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def send(office: Office, operation: tuple[str, str], key: str | None, object_id: str = "T1") -> int:
    method, path = operation
    headers = {"If-Match": '"1-none"'} | ({"Authorization": f"Bearer {key}"} if key else {})
    office.app.state.stopping.set()  # a stream of events that was let in ends at once
    if path == "/v1/tickets/bulk" or path.endswith("/lines"):
        headers["Content-Type"] = "application/x-ndjson"
    object_id = f"usr_{'0' * 16}" if "{user_id}" in path and not object_id.startswith("usr_") else object_id
    url = re.sub(r"\{\w+\}", object_id, path) + ("?q=E18" if path.endswith("search") and method == "GET" else "")
    body = {"json": MATRIX[operation].body} if operation in MATRIX and MATRIX[operation].body else {}
    return office.http.request(method, url, headers=headers, **body).status_code  # type: ignore[arg-type]


def foreign_id(stranger: Office, path: str) -> str:
    """The id of an object of another tenant, of the kind that the path is about."""
    if "{key_id}" in path:
        return stranger.keys[AGENT].split("_")[1]
    if "{user_id}" in path:
        name = f"jan.{stranger.tenant}"
        return str(stranger.call("POST", "/v1/users", role=ADMIN, json={"name": name, "role": "agent"}).json()["id"])
    return "SECRET-1"


def test_every_operation_of_the_document_has_a_row_and_every_row_an_operation(office: Office) -> None:
    assert operations(office) - OPEN == set(MATRIX)


@pytest.mark.parametrize("operation", sorted(MATRIX), ids=" ".join)
def test_without_a_key_in_force_nothing_is_let_in(office: Office, operation: tuple[str, str]) -> None:
    other = issue_key(office.tenant, "not stored", ADMIN, office.clock.now()).text
    right = office.keys[ADMIN]
    for key in (None, other, right[:-1] + ("a" if right[-1] != "a" else "b"), "x", "trk_", "Bearer", "' OR 1=1"):
        assert send(office, operation, key) == 401, key


@pytest.mark.parametrize("operation", sorted(MATRIX), ids=" ".join)
@pytest.mark.parametrize("role", Role)
def test_a_role_gets_past_the_door_exactly_where_its_row_says(
    office: Office, operation: tuple[str, str], role: Role
) -> None:
    status = send(office, operation, office.keys[role], "abcd2345")
    assert (status != 403) == (role in MATRIX[operation].allowed)
    assert status != 401
    assert status < 500


@pytest.mark.parametrize("operation", sorted(op for op in MATRIX if MATRIX[op].about_one), ids=" ".join)
def test_a_foreign_object_is_answered_exactly_like_a_missing_one(
    office: Office, postgres: Database, tmp_path: Path, operation: tuple[str, str]
) -> None:
    stranger = Office(postgres, tmp_path)
    foreign = foreign_id(stranger, operation[1])
    stranger.pending("SECRET-1")
    before = stranger.case("SECRET-1").json()
    answers = {send(office, operation, office.keys[ADMIN], object_id) for object_id in (foreign, "abcd2345")}
    assert answers == {404}
    assert stranger.case("SECRET-1").json() == before
    assert send(stranger, ("GET", "/v1/cases"), stranger.keys[AGENT]) == 200


def test_lists_hold_nothing_of_another_tenant(office: Office, postgres: Database, tmp_path: Path) -> None:
    stranger = Office(postgres, tmp_path)
    stranger.pending("SECRET-1")
    for path in ("/v1/cases", "/v1/keys", "/v1/audit?subject=SECRET-1"):
        told = office.call("GET", path, role=ADMIN).text
        assert "SECRET-1" not in told
        assert all(key.split("_")[1] not in told for key in stranger.keys.values())


def test_a_tenant_named_in_the_body_is_not_listened_to(office: Office, postgres: Database, tmp_path: Path) -> None:
    stranger = Office(postgres, tmp_path)
    assert office.receive("T1", tenant=stranger.tenant).status_code == 201
    assert office.case("T1").status_code == 200
    assert stranger.case("T1").status_code == 404


def test_two_tenants_may_have_a_ticket_of_the_same_id(office: Office, postgres: Database, tmp_path: Path) -> None:
    stranger = Office(postgres, tmp_path)
    office.pending("T1", text="Moja sprawa E18")
    stranger.pending("T1", text="Inna sprawa E18")
    assert office.approve(office.case("T1")).status_code == 200
    assert stranger.case("T1").json()["state"] == "pending_approval"


def test_a_key_stops_working_the_moment_it_is_revoked(office: Office) -> None:
    agent = office.keys[AGENT]
    assert office.call("GET", "/v1/cases", key=agent).status_code == 200
    assert office.call("DELETE", f"/v1/keys/{agent.split('_')[1]}", role=ADMIN).status_code == 204
    assert office.call("GET", "/v1/cases", key=agent).status_code == 401
    assert office.call("DELETE", f"/v1/keys/{agent.split('_')[1]}", role=ADMIN).status_code == 204


def test_a_key_stops_working_after_ninety_days(office: Office) -> None:
    office.clock.advance(days=89, hours=23)
    assert office.call("GET", "/v1/cases").status_code == 200
    office.clock.advance(hours=1)
    assert office.call("GET", "/v1/cases").status_code == 401


def test_the_last_admin_key_cannot_be_revoked(office: Office) -> None:
    first = office.keys[ADMIN].split("_")[1]
    assert office.call("DELETE", f"/v1/keys/{first}", role=ADMIN).status_code == 409
    second = office.call("POST", "/v1/keys", role=ADMIN, json={"name": "drugi", "role": "admin"}).json()
    assert office.call("DELETE", f"/v1/keys/{first}", key=second["key"]).status_code == 204
    assert office.call("DELETE", f"/v1/keys/{second['id']}", key=second["key"]).status_code == 409


def test_a_new_key_works_at_once_is_shown_once_and_stored_nowhere_in_clear(office: Office, postgres: Database) -> None:
    made = office.call("POST", "/v1/keys", role=ADMIN, json={"name": "zmiana A", "role": "agent"})
    assert made.status_code == 201
    text = made.json()["key"]
    assert office.call("GET", "/v1/cases", key=text).status_code == 200
    assert text not in office.call("GET", "/v1/keys", role=ADMIN).text
    secret = text.split("_", 2)[2]
    with postgres.engine.connect() as connection:
        for table in ("api_keys", "audit", "idempotency"):
            rows = connection.exec_driver_sql(f"SELECT t::text FROM {table} t").scalars()
            assert not any(secret in row for row in rows), table


def test_who_made_and_revoked_keys_is_on_the_audit_log(office: Office) -> None:
    made = office.call("POST", "/v1/keys", role=ADMIN, json={"name": "n", "role": "agent"}).json()
    office.call("DELETE", f"/v1/keys/{made['id']}", role=ADMIN)
    log = office.call("GET", f"/v1/audit?subject={made['id']}&verify=true", role=ADMIN).json()
    actor = f"key:{office.keys[ADMIN].split('_')[1]}"
    assert [(entry["action"], entry["actor"]) for entry in log["entries"]] == [
        ("key_created", actor),
        ("key_revoked", actor),
    ]
    assert log["intact"] is True


def test_a_changed_audit_entry_is_found(office: Office, postgres: Database) -> None:
    read = office.pending()
    office.approve(read)
    with postgres.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE audit SET actor = 'key:somebody' WHERE tenant = %s AND action = 'approved'", (office.tenant,)
        )
    log = office.call("GET", "/v1/audit?verify=true", role=ADMIN).json()
    [changed] = [entry["position"] for entry in log["entries"] if entry["action"] == "approved"]
    assert (log["intact"], log["first_broken"]) == (False, changed)


def test_it_does_not_start_open_to_the_network_without_a_key(office: Office) -> None:
    class NoKeys:
        def any_in_force(self) -> bool:
            return False

    class Elsewhere:
        def __getattr__(self, name: str) -> object:
            return {"keys": NoKeys(), "host": "0.0.0.0"}.get(name) or getattr(office.backend, name)

    with pytest.raises(ConfigurationError, match="TRIAGE_HOST"):
        build_app(Elsewhere(), FREE)  # type: ignore[arg-type]


def test_on_the_network_the_docs_are_not_served_and_everything_else_needs_a_key(
    postgres: Database, tmp_path: Path
) -> None:
    office = Office(postgres, tmp_path, host="0.0.0.0")
    for path in ("/docs", "/openapi.json", "/docs/docs.js", "/redoc", "/metrics"):
        assert office.http.get(path).status_code == 404, path
    assert office.http.get("/live").status_code == 200
    assert office.http.get("/v1/cases").status_code == 401


def test_every_answer_carries_the_security_headers(office: Office) -> None:
    read = office.pending()
    answers = [
        read,
        office.http.get("/live"),
        office.http.get("/nowhere"),
        office.http.get("/v1/cases"),
        office.call("POST", "/v1/tickets", content=b"{", headers={"Content-Type": "application/json"}),
        office.call("POST", "/v1/keys", content=b"x" * 2_000_000, headers={"Content-Type": "application/json"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 401, 400, 413]
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


def test_a_key_that_asks_too_often_is_told_to_wait_and_others_are_not(postgres: Database, tmp_path: Path) -> None:
    office = Office(postgres, tmp_path, limits=Limits(requests_per_minute=5, decisions_per_minute=2))
    statuses = [office.call("GET", "/v1/cases", role=AGENT).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    read = office.receive()
    assert read.status_code == 201
    decisions = [
        office.call("POST", "/v1/cases/T1/resolve", role=ADMIN, json={"delivered": True}).status_code for _ in range(3)
    ]
    assert decisions == [409, 409, 429]


def test_wrong_keys_are_slowed_down_and_the_right_one_from_the_same_address_is_not(
    postgres: Database, tmp_path: Path
) -> None:
    office = Office(postgres, tmp_path, limits=Limits(failed_logins_per_minute=3))
    wrong = issue_key(office.tenant, "not stored", ADMIN, office.clock.now()).text
    assert [office.call("GET", "/v1/cases", key=wrong).status_code for _ in range(5)] == [401] * 3 + [429] * 2
    assert office.call("GET", "/v1/cases").status_code == 200
