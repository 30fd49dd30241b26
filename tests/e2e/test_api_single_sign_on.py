"""Single sign-on against a provider that really listens and signs; whatever cannot be verified lets nobody in."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from fastapi.testclient import TestClient

from api.app import build_app
from tests.e2e.office import FREE, Office
from tests.e2e.test_api_sessions import PASSWORD, user_of
from tests.e2e.test_api_sessions import Browser as PasswordBrowser
from tests.fakes.issuer import CLIENT, SECRET, Issuer, new_key, running
from triage.adapters.passwords import Argon2Hasher
from triage.adapters.storage.database import Database
from triage.bootstrap.people import people_of
from triage.config import load_settings
from triage.domain.access import Role
from triage.errors import ConfigurationError

pytestmark = pytest.mark.postgres
ROLES = '{"desk-leads": "lead", "desk": "agent"}'


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running() as provider:
        yield provider


@pytest.fixture
def office(postgres: Database, tmp_path: Path, issuer: Issuer) -> Office:
    """A desk that knows the provider; its people's names carry the tenant, because names are unique everywhere."""
    office = Office(postgres, tmp_path)
    settings = load_settings(
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_redirect_url="http://testserver/v1/sso/callback",
        oidc_tenant=office.tenant,
        oidc_roles=json.loads(ROLES),
        private_hosts=frozenset({f"127.0.0.1:{issuer.port}"}),
    )
    people = people_of(postgres, office.clock, Argon2Hasher(memory_kib=64, passes=1), settings)
    office.backend = replace(office.backend, people=people)
    office.app = build_app(office.backend, FREE)
    issuer.person = {"sub": f"u-{office.tenant}", "email": f"anna.{office.tenant}@example.com", "groups": ["desk"]}
    return office


def browser(office: Office) -> TestClient:
    return TestClient(office.app, raise_server_exceptions=False, follow_redirects=False)


def come_back(client: TestClient, issuer: Issuer, **changed: str) -> httpx2.Response:
    """Begin, log in at the provider, and bring back what it gave."""
    began = client.get("/v1/sso/login")
    assert began.status_code == 303, began.text
    code, state = issuer.authorize(began.headers["location"])
    return client.get("/v1/sso/callback", params={"code": code, "state": state} | changed)


def test_a_person_comes_in_with_the_role_of_their_group(office: Office, issuer: Issuer) -> None:
    client = browser(office)
    answer = come_back(client, issuer)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert "<script" not in answer.text
    who = client.get("/v1/session").json()
    assert (who["actor"], who["role"]) == (f"user:{issuer.person['email']}", "agent")
    assert client.get("/v1/cases").status_code == 200
    cookies = {line.split("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert {"httponly", "samesite=strict"} <= set(cookies["sid"].split("; "))


def test_whoever_comes_in_is_led_to_a_page_that_is_there(office: Office, issuer: Issuer) -> None:
    client = browser(office)
    [there] = re.findall(r'content="0;url=([^"]+)"', come_back(client, issuer).text)
    assert client.get(there).status_code == 200
    assert client.get("/").headers["location"] == there


def test_whom_the_provider_lets_not_in_is_told_so_and_what_a_provider_adds_is_no_fault(
    office: Office, issuer: Issuer
) -> None:
    client = browser(office)
    assert come_back(client, issuer, iss=issuer.url, session_state="s").status_code == 200
    _, state = issuer.authorize(client.get("/v1/sso/login").headers["location"])
    denied = client.get("/v1/sso/callback", params={"error": "access_denied", "state": state})
    assert (denied.status_code, denied.json()["type"]) == (401, "urn:triage:problem:sign-on-refused")
    assert denied.json()["title"].startswith("Single sign-on was refused")


def test_the_first_role_in_the_settings_counts_and_a_changed_group_changes_it(office: Office, issuer: Issuer) -> None:
    issuer.person |= {"groups": ["desk", "desk-leads"]}
    first = browser(office)
    come_back(first, issuer)
    assert first.get("/v1/session").json()["role"] == "lead"
    issuer.person |= {"groups": ["desk"]}
    second = browser(office)
    come_back(second, issuer)
    assert second.get("/v1/session").json()["role"] == "agent"
    assert first.get("/v1/session").status_code == 401


@pytest.mark.parametrize("groups", [[], ["others"], "others", None, {"desk": True}, [1, None]])
def test_without_a_group_that_is_listed_nobody_gets_in(office: Office, issuer: Issuer, groups: object) -> None:
    issuer.person |= {"groups": groups}
    answer = come_back(browser(office), issuer)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:triage:problem:sign-on-refused")


def test_a_disabled_person_stays_out(office: Office, issuer: Issuer) -> None:
    client = browser(office)
    come_back(client, issuer)
    anna = PasswordBrowser(office, str(issuer.person["email"]))
    office.call("PATCH", f"/v1/users/{user_of(office, anna)}", role=Role.ADMIN, json={"disabled": True})
    assert client.get("/v1/session").status_code == 401
    assert come_back(browser(office), issuer).status_code == 401


def test_a_user_with_a_password_is_never_taken_over_and_one_who_waits_for_it_is_linked(
    office: Office, issuer: Issuer
) -> None:
    name = str(issuer.person["email"])
    wanted = {"name": name, "role": "admin", "password": PASSWORD}
    assert office.call("POST", "/v1/users", role=Role.ADMIN, json=wanted).status_code == 201
    assert come_back(browser(office), issuer).status_code == 401
    waiting = f"ola.{office.tenant}@example.com"
    office.call("POST", "/v1/users", role=Role.ADMIN, json={"name": waiting, "role": "agent"})
    issuer.person |= {"sub": "u-2" + office.tenant, "email": waiting, "email_verified": False}
    assert come_back(browser(office), issuer).status_code == 401
    issuer.person |= {"email_verified": True}
    assert come_back(browser(office), issuer).status_code == 200


def test_a_state_is_good_once_for_the_browser_that_began_and_for_ten_minutes(office: Office, issuer: Issuer) -> None:
    client = browser(office)
    began = client.get("/v1/sso/login")
    code, state = issuer.authorize(began.headers["location"])
    thief = browser(office)
    assert thief.get("/v1/sso/callback", params={"code": code, "state": state}).status_code == 401
    assert client.get("/v1/sso/callback", params={"code": code, "state": state}).status_code == 401  # taken by then
    assert come_back(client, issuer, state="invented").status_code == 401
    began = client.get("/v1/sso/login")
    code, state = issuer.authorize(began.headers["location"])
    office.clock.advance(minutes=10)
    assert client.get("/v1/sso/callback", params={"code": code, "state": state}).status_code == 401
    assert come_back(client, issuer).status_code == 200


def test_a_code_of_another_log_in_does_not_fit(office: Office, issuer: Issuer) -> None:
    victim, attacker = browser(office), browser(office)
    stolen, _ = issuer.authorize(victim.get("/v1/sso/login").headers["location"])
    assert come_back(attacker, issuer, code=stolen).status_code == 401  # PKCE
    assert come_back(attacker, issuer, code="invented").status_code == 401


def _unsigned(issuer: Issuer, claims: dict[str, object]) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": issuer.kid})  # type: ignore[arg-type]


def _signed_with_the_public_key(issuer: Issuer, claims: dict[str, object]) -> str:
    """The published key used as a shared secret (RFC 8725, 2.1); built by hand, the library refuses to."""
    import hashlib
    import hmac

    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    pem = issuer.key.public_key().public_bytes(*form)
    head = {"alg": "HS256", "typ": "JWT", "kid": issuer.kid}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims)]
    mac = hmac.new(pem, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


def _signed_by_another(issuer: Issuer, claims: dict[str, object]) -> str:
    return jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": issuer.kid})


def _kid_injected(issuer: Issuer, claims: dict[str, object]) -> str:
    return jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "../../dev/null"})


def _key_in_the_header(issuer: Issuer, claims: dict[str, object]) -> str:
    key = new_key()
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k9", "jwk": jwk})


def _tampered(issuer: Issuer, claims: dict[str, object]) -> str:
    head, _, signature = issuer.sign(claims).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims | {"groups": ["desk-leads"]}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [_unsigned, _signed_with_the_public_key, _signed_by_another, _kid_injected, _key_in_the_header, _tampered,
     lambda issuer, claims: "not.a.token", lambda issuer, claims: ""],
)  # fmt: skip
def test_a_forged_token_is_refused(office: Office, issuer: Issuer, forge: object) -> None:
    issuer.forge = forge  # type: ignore[assignment]
    assert come_back(browser(office), issuer).status_code == 401


NOW = int(time.time())


@pytest.mark.parametrize(
    "claim",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"azp": "another"},
     {"exp": NOW - 3600}, {"iat": NOW + 3600}, {"nbf": NOW + 3600}, {"nonce": "another"}, {"nonce": None},
     {"exp": None}, {"sub": None}, {"aud": None}, {"email": "", "preferred_username": ""}, {"email": "x y<script>"}],
    ids=lambda claim: " ".join(claim),  # ids that hold the time would differ between test processes
)  # fmt: skip
def test_a_token_with_a_wrong_claim_is_refused(office: Office, issuer: Issuer, claim: dict[str, object]) -> None:
    def forge(issuer: Issuer, claims: dict[str, object]) -> str:
        changed = claims | claim
        return issuer.sign({name: value for name, value in changed.items() if value is not None})

    issuer.forge = forge
    assert come_back(browser(office), issuer).status_code == 401


def test_a_rotated_key_is_found_and_unknown_keys_do_not_make_us_ask_again_and_again(
    office: Office, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert come_back(browser(office), issuer).status_code == 200
    assert issuer.reads.count("/keys") == 1
    issuer.key, issuer.kid = new_key(), "k2"
    provider = office.backend.people.sign_on.provider  # type: ignore[union-attr]
    later = provider.monotonic() + 61  # type: ignore[attr-defined]
    provider.monotonic = lambda: later  # type: ignore[attr-defined]
    assert come_back(browser(office), issuer).status_code == 200
    assert issuer.reads.count("/keys") == 2
    issuer.forge = _kid_injected
    for _ in range(5):
        assert come_back(browser(office), issuer).status_code == 401
    assert issuer.reads.count("/keys") == 2


def test_a_provider_that_calls_itself_by_another_name_is_not_believed(office: Office, issuer: Issuer) -> None:
    issuer.as_issuer = "https://evil.example"
    assert browser(office).get("/v1/sso/login").status_code == 401


def test_without_settings_there_is_no_single_sign_on(postgres: Database, tmp_path: Path) -> None:
    office = Office(postgres, tmp_path)
    assert office.http.get("/v1/sso/login").status_code == 404
    assert office.http.get("/v1/sso/callback?code=x&state=y").status_code == 404


def test_every_missing_setting_is_named_at_once(postgres: Database, office: Office) -> None:
    settings = load_settings(oidc_issuer="https://id.example", oidc_roles={"a": "king"})
    with pytest.raises(ConfigurationError) as caught:
        people_of(postgres, office.clock, settings=settings)
    named = {fault.split(":")[0] for fault in caught.value.faults}
    assert named == {"TRIAGE_OIDC_CLIENT_ID", "TRIAGE_OIDC_REDIRECT_URL", "TRIAGE_OIDC_ROLES"}
