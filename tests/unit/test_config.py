"""Settings: defaults work offline; every wrong one is named at once, and no secret is shown."""

import pytest

from triage.bootstrap.faults import faults_of
from triage.config import load_settings
from triage.errors import ConfigurationError


def test_defaults_are_local_and_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.database_url is None
    assert settings.llm_base_url is None
    assert settings.host == "127.0.0.1"
    assert settings.outbox == settings.data_dir / "outbox"


def test_all_faults_are_reported_together_by_the_variable_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_PORT", "ninety")
    monkeypatch.setenv("TRIAGE_MAX_ERROR", "7")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert {fault.split(":")[0] for fault in caught.value.faults} == {"TRIAGE_PORT", "TRIAGE_MAX_ERROR"}


def test_a_setting_that_is_no_json_and_one_that_is_misspelt_are_told_with_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRIAGE_OIDC_ROLES", "{no json")
    monkeypatch.setenv("TRIAGE_PRIVATE_HOSTS", "desk.internal")
    monkeypatch.setenv("TRIAGE_MAX_ERRROR", "0.1")
    monkeypatch.setenv("TRIAGE_PORT", "99999")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    told = dict(fault.split(": ", 1) for fault in caught.value.faults)
    assert set(told) == {"TRIAGE_OIDC_ROLES", "TRIAGE_PRIVATE_HOSTS", "TRIAGE_MAX_ERRROR", "TRIAGE_PORT"}
    assert told["TRIAGE_MAX_ERRROR"] == "there is no such setting: perhaps TRIAGE_MAX_ERROR is meant."
    monkeypatch.setenv("TRIAGE_OIDC_ROLES", '{"desk": "agent"}')
    monkeypatch.setenv("TRIAGE_PRIVATE_HOSTS", '["desk.internal"]')
    monkeypatch.delenv("TRIAGE_MAX_ERRROR")
    monkeypatch.delenv("TRIAGE_PORT")
    settings = load_settings()
    assert (settings.oidc_roles, settings.private_hosts) == ({"desk": "agent"}, {"desk.internal"})


def test_settings_that_do_not_fit_together_are_all_named_at_once() -> None:
    broken = load_settings(
        oidc_issuer="https://id.example",
        oidc_roles={"g": "boss"},
        reply_url="http://desk.example/replies",
        document_urls=("ftp://docs.example/",),
        summariser="llm",
    )
    named = sorted(fault.partition(":")[0].partition("=")[0] for fault in faults_of(broken))
    assert named == [
        "TRIAGE_DOCUMENT_URLS",
        "TRIAGE_OIDC_CLIENT_ID",
        "TRIAGE_OIDC_REDIRECT_URL",
        "TRIAGE_OIDC_ROLES",
        "TRIAGE_REPLY_URL",
        "TRIAGE_SUMMARISER",
    ]
    assert faults_of(load_settings()) == []


def test_secrets_never_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", "postgresql://desk:canary-secret@db/triage")
    monkeypatch.setenv("TRIAGE_LLM_API_KEY", "canary-secret")
    assert "canary-secret" not in repr(load_settings())
    monkeypatch.setenv("TRIAGE_PORT", "canary-secret")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "canary-secret" not in str(caught.value)
