"""Secrets and customers' words planted everywhere, and looked for everywhere they must not be."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rich.console import Console
from sqlalchemy import text

from tests import builders
from tests.e2e.office import Office
from triage.adapters.helpdesk.http_endpoint import HttpEndpoint
from triage.adapters.outgoing import OutgoingClient
from triage.adapters.storage.database import Database
from triage.bootstrap.logs import FIELDS, write_logs
from triage.bootstrap.tracing import provider_over
from triage.cli.doctor import _settings_table
from triage.config import Settings, load_settings
from triage.domain.access import Role
from triage.domain.reply import ApprovedReply
from triage.errors import ConfigurationError, DeliveryError

pytestmark = pytest.mark.postgres
TOKEN = "metrics-token-of-the-operator"
WORDS = ("Kanarek-4711-Zażółć", "kanarek@example.com", "PL61109010140000071219812874", "84072112345")
TICKET = f"Nazywam się {WORDS[0]}, konto {WORDS[2]}, PESEL {WORDS[3]}. Ekspres dymi, błąd E18."


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the process logs, at the most talkative level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    out = io.StringIO()
    write_logs(Settings(log_level="DEBUG", log_format="json"), out)
    for name in ("sqlalchemy.engine", "procrastinate", "httpx2", "urllib3"):
        logging.getLogger(name).setLevel(logging.INFO)
    yield out
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)


def busy_day(office: Office) -> None:
    """Everything that handles a customer's words, what succeeds and what fails."""
    requester = {"name": WORDS[0], "email": WORDS[1]}
    read = office.pending("T1", text=TICKET, requester=requester)
    headers = {"If-Match": read.headers["etag"]}
    digest = read.json()["draft"]["digest"]
    edited = office.call(
        "PUT", "/v1/cases/T1/draft", json={"draft_digest": digest, "body": f"Dzień dobry {WORDS[0]}"}, headers=headers
    )
    assert edited.status_code == 200
    office.approve(office.case("T1"))
    office.work()
    office.call("GET", "/v1/knowledge/search", params={"q": TICKET})
    office.call("GET", f"/v1/cases/{WORDS[0]}")
    office.call("POST", "/v1/tickets/T1/messages", json={"text": TICKET, "at": WORDS[0]})
    office.call("POST", "/v1/tickets", content=TICKET.encode(), headers={"Content-Type": "application/json"})
    broken = json.dumps({"id": "T2", "text": TICKET, "received_at": WORDS[0]})
    office.call("POST", "/v1/tickets/bulk", content=broken, headers={"Content-Type": "application/x-ndjson"})
    office.call("POST", "/v1/tickets/T1/files", content=TICKET.encode(), params={"name": WORDS[0]})
    office.call("POST", "/v1/webhooks", role=Role.ADMIN, json={"url": f"https://10.0.0.1/{WORDS[0]}"})
    office.receive("T3", text=TICKET)
    logging.getLogger("a.library").error("row %s is bad", TICKET)
    try:
        raise ValueError(TICKET)
    except ValueError:
        logging.getLogger("triage").exception("stage failed", extra={"action": "x", "text": TICKET})


def secrets_of(office: Office) -> list[str]:
    return [TOKEN, *(key.split("_", 2)[2] for key in office.keys.values())]


PASSWORD, REPLY_TOKEN = "cztery słowa bez kanarka", "kanarek-token-helpdesku"
WORDS_BELONG = {"tickets", "messages", "cases", "approvals", "attachments", "attachment_chunks", "idempotency"}
"""Tables whose purpose it is to hold a customer's words; each is exported and erased with its person."""


def secret_day(office: Office) -> list[str]:
    """Everything that makes, takes or fails on a secret; all secrets that were around."""
    made = office.call(
        "POST", "/v1/keys", role=Role.ADMIN, json={"name": "n", "role": "agent"}, headers={"Idempotency-Key": "k1"}
    ).json()["key"]
    hook = {"url": "https://example.com/hook"}
    signing = office.call("POST", "/v1/webhooks", role=Role.ADMIN, json=hook, headers={"Idempotency-Key": "k2"}).json()
    name = f"ola.{office.tenant}"
    office.call("POST", "/v1/users", role=Role.ADMIN, json={"name": name, "role": "agent", "password": PASSWORD})
    browser = TestClient(office.app, raise_server_exceptions=False)
    assert browser.put("/v1/session", json={"name": name, "password": PASSWORD + "x"}).status_code == 401
    logged_in = browser.put("/v1/session", json={"name": name, "password": PASSWORD})
    session, csrf = browser.cookies["sid"], logged_in.json()["csrf_token"]
    browser.put("/v1/session/password", json={"current": PASSWORD, "new": "x"}, headers={"X-CSRF-Token": csrf})
    office.call("GET", "/v1/cases", key=f"{made}x")
    helpdesk = HttpEndpoint("https://10.0.0.1/replies", OutgoingClient(), REPLY_TOKEN)
    for ask in (lambda: helpdesk.send(a_reply()), lambda: helpdesk.find_delivery("apr_1")):
        try:
            ask()
        except DeliveryError:
            logging.getLogger("triage").exception("reply not sent")
    return [made.split("_", 2)[2], signing["secret"].removeprefix("whsec_"), PASSWORD, session, csrf, REPLY_TOKEN]


def a_reply() -> ApprovedReply:
    return ApprovedReply(builders.approval(), "Re: kanarek", WORDS[0], None)


def test_no_table_holds_a_secret_and_none_but_those_for_them_a_customers_words_nor_does_any_refusal(
    postgres: Database, tmp_path: Path, lines: io.StringIO
) -> None:
    office, refusals = Office(postgres, tmp_path, metrics_token=TOKEN), list[str]()

    def remember(response: httpx2.Response) -> None:
        if response.status_code >= 400:
            refusals.append(response.read().decode())

    office.http.event_hooks = {"response": [remember]}
    busy_day(office)
    secrets = [*secrets_of(office), *secret_day(office)]
    import_id = office.call("POST", "/v1/imports").json()["id"]
    office.call(
        "POST", f"/v1/imports/{import_id}/lines", content=f'{{"id": "T9", "text": {WORDS[0]}}}'.encode(),
        headers={"Content-Type": "application/x-ndjson"},
    )  # fmt: skip
    with office.backend.unit_of_work(office.tenant) as uow:
        revision = uow.tickets.get("T3")
    assert revision.revision == 1
    office.give_up(office.tenant, "T3", "ValueError")
    wrote = 0
    with postgres.engine.connect() as connection:
        tables = connection.execute(text("SELECT relname FROM pg_stat_user_tables")).scalars().all()
        for table in sorted(tables):
            written = "\n".join(connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars())
            wrote += bool(written)
            canaries = secrets if table in WORDS_BELONG else [*secrets, *WORDS]
            assert [one for one in canaries if one in written] == [], table
    assert wrote >= 15
    assert len(refusals) >= 5
    for place in (*refusals, lines.getvalue()):
        assert [one for one in (*secrets, *WORDS) if one in place] == []


def test_no_setting_that_is_secret_is_shown_listed_or_named_in_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {name: f"kanarek-{name}-0123456789-0123456789" for name, field in Settings.model_fields.items()
              if "SecretStr" in str(field.annotation)}  # fmt: skip
    assert len(secret) >= 7
    settings = Settings(**secret)  # type: ignore[arg-type]
    out = io.StringIO()
    Console(file=out, width=400).print(_settings_table(settings))
    for name, value in secret.items():
        monkeypatch.setenv(f"TRIAGE_{name.upper()}", value)
    monkeypatch.setenv("TRIAGE_METRICS_TOKEN", "kanarek-krótki")
    monkeypatch.setenv("TRIAGE_WEBHOOK_KEY", "kanarek-krótki")
    monkeypatch.setenv("TRIAGE_PORT", "kanarek-port")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert len(refused.value.faults) == 3
    assert "kanarek" not in out.getvalue() + repr(settings) + str(settings) + str(refused.value)


def test_no_word_of_a_customer_and_no_secret_is_in_logs_metrics_traces_errors_or_job_tables(
    postgres: Database, tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = InMemorySpanExporter()
    provider = provider_over(spans, "api")
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    office = Office(postgres, tmp_path, metrics_token=TOKEN)
    busy_day(office)
    metrics = office.http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert metrics.status_code == 200
    provider.force_flush()
    with postgres.engine.connect() as connection:
        jobs = connection.execute(text("SELECT j::text FROM procrastinate_jobs j")).scalars().all()
        events = connection.execute(text("SELECT e::text FROM procrastinate_events e")).scalars().all()
        feed = connection.execute(text("SELECT c::text FROM case_changes c")).scalars().all()
        audit = connection.execute(text("SELECT a::text FROM audit a")).scalars().all()
    places = {
        "logs": lines.getvalue(),
        "metrics": metrics.text,
        "traces": "".join(span.to_json() for span in spans.get_finished_spans()),
        "jobs": "\n".join([*jobs, *events]),
        "feed": "\n".join(feed),
        "audit": "\n".join(audit),
    }
    assert all(places.values()), "every place was written to"
    for place, written in places.items():
        for canary in (*WORDS, *secrets_of(office), "dymi"):
            assert canary not in written, (place, canary)
            assert json.dumps(canary)[1:-1] not in written, (place, canary)


def test_a_log_line_holds_only_listed_fields_and_says_what_failed(lines: io.StringIO) -> None:
    try:
        raise KeyError(TICKET)
    except KeyError:
        logging.getLogger("triage.x").exception("stage failed", extra={"stage": "lint", "body": TICKET})
    [line] = [json.loads(one) for one in lines.getvalue().splitlines()]
    assert set(line) <= FIELDS | {"time", "level", "logger", "message"}
    assert (line["message"], line["stage"], line["error"]) == ("stage failed", "lint", "KeyError")
    assert line["place"].startswith("test_canaries.py:")


def test_metrics_are_for_who_has_the_token_and_count_what_happened(postgres: Database, tmp_path: Path) -> None:
    office = Office(postgres, tmp_path, metrics_token=TOKEN)
    assert office.http.get("/metrics").status_code == 401
    assert (
        office.http.get("/metrics", headers={"Authorization": f"Bearer {office.keys[Role.ADMIN]}"}).status_code == 401
    )

    def scrape() -> dict[str, float]:
        shown = office.http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", shown, re.M)}

    before = scrape()
    read = office.pending("T1")
    body = {"draft_digest": read.json()["draft"]["digest"], "body": read.json()["draft"]["body"] + " Jeszcze słowo."}
    office.call("PUT", "/v1/cases/T1/draft", json=body, headers={"If-Match": read.headers["etag"]})
    office.approve(office.case("T1"))
    office.receive("T2")
    after = scrape()
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert grown['triage_case_changes_total{state="received"}'] == 2
    assert grown['triage_case_changes_total{state="approved"}'] == 1
    assert grown['triage_tickets_triaged_total{outcome="tagged"}'] == 1
    assert grown['triage_stage_seconds_count{stage="classify"}'] == 1
    assert grown["triage_model_probability_count"] == 1
    assert grown["triage_edit_distance_count"] == 1
    assert 0 < grown["triage_edit_distance_sum"] < 0.5
    assert grown['triage_jobs{queue="triage",status="todo"}'] >= 1
    assert grown['triage_cases{state="approved"}'] == 1
    assert scrape()["triage_model_probability_count"] == after["triage_model_probability_count"]


def test_without_a_token_there_are_no_metrics(office: Office) -> None:
    assert (
        office.http.get("/metrics", headers={"Authorization": f"Bearer {office.keys[Role.ADMIN]}"}).status_code == 404
    )


def test_a_span_says_only_what_is_listed() -> None:
    spans = InMemorySpanExporter()
    provider = provider_over(spans, "api")
    with provider.get_tracer("t").start_as_current_span(
        "GET", attributes={"url.query": TICKET, "http.route": "/v1"}
    ) as span:
        span.set_attribute("url.path", TICKET)
    provider.force_flush()
    [ended] = spans.get_finished_spans()
    assert set(ended.attributes or {}) == {"http.route"}


def test_a_webhook_names_no_more_than_the_ticket(office: Office) -> None:
    from triage.domain.case import CaseState
    from triage.domain.outbound import DeliveryStatus, WebhookDelivery
    from triage.operations.dispatch import message_of

    now = office.clock.now()
    delivery = WebhookDelivery("t", "msg_1", "whe_1", "T1", CaseState.SENT, 5, now, DeliveryStatus.WAITING, 1, now)
    assert json.loads(message_of(delivery)) == {
        "type": "case.sent",
        "timestamp": "2026-11-17T08:00:00+00:00",
        "data": {"ticket_id": "T1", "state": "sent", "version": 5},
    }
