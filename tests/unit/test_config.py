"""Settings: defaults work offline; every wrong one is named at once, and no secret is shown."""

import pytest

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


def test_secrets_never_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", "postgresql://desk:canary-secret@db/triage")
    monkeypatch.setenv("TRIAGE_LLM_API_KEY", "canary-secret")
    assert "canary-secret" not in repr(load_settings())
    monkeypatch.setenv("TRIAGE_PORT", "canary-secret")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "canary-secret" not in str(caught.value)
