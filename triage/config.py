"""Settings: the only reader of the environment. Everything has a default that works offline on a laptop."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from triage.errors import ConfigurationError

DEFAULT_TENANT = "default"
"""The tenant of the first key, and of commands that name none."""

_PACKAGE = Path(__file__).parent


def _default_data_dir() -> Path:
    return Path("var").resolve()


def _default_api_processes() -> int:
    return max(1, min(4, (os.cpu_count() or 1) // 2))


class _Environment(EnvSettingsSource):
    """The environment; a value that should be JSON and is not is told of like any other fault, with all the others."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ANN401
        """The decoded value, or the text itself, which then has the wrong type."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


class Settings(BaseSettings):
    """All settings; each is the environment variable ``TRIAGE_<NAME>`` (see ``triage doctor --settings``)."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=_default_data_dir, description="where database, index, models and outbox live"
    )
    database_url: SecretStr | None = Field(None, description="PostgreSQL to use instead of the embedded one")
    company_dir: Path = Field(_PACKAGE / "company", description="taxonomy, urgency, cues, replies, house rules")
    documents_dir: Path = Field(
        _PACKAGE.parent / "knowledge_base" / "documents", description="procedures and manuals to index"
    )
    document_urls: tuple[str, ...] = Field(
        (), description="web pages that may be fetched as documents: JSON list of https URLs"
    )
    encoder: str = Field(
        "shipped",
        description="'shipped', or a sentence-transformers directory or hub name; multilingual-e5-small and"
        " all-MiniLM-L6-v2 come with a package, by the extra e5 or minilm",
    )
    reranker: str = Field(
        "", description="cross-encoder that orders the first search results: directory or hub name; none by default"
    )
    rerank_depth: int = Field(20, ge=2, le=200, description="how many search results the cross-encoder reads")
    coverage: float = Field(
        0.9,
        gt=0.5,
        lt=1,
        description="promised coverage of prediction sets; where it is set, of a promoted model too",
    )
    max_error: float = Field(
        0.05,
        gt=0,
        lt=0.5,
        description="promised error of categories tagged without a person; where it is set, of a promoted model too",
    )
    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8080, ge=0, le=65535, description="port the API listens on")
    api_processes: int = Field(
        default_factory=_default_api_processes,
        ge=1,
        le=64,
        description="processes that answer requests; default: half of the cores, at most 4; each holds the models",
    )
    workers: int = Field(
        1, ge=0, le=64, description="jobs worked on at once beside the API; 0 leaves it to `triage worker`"
    )
    outbox_dir: Path | None = Field(
        None, description="where approved replies are written as .eml; default <data_dir>/outbox"
    )
    sender_address: str = Field("", description="From address of replies; default: the company's")
    reply_url: str | None = Field(
        None, description="server that gets approved replies by HTTP (POST, read back by GET); none: the outbox"
    )
    reply_token: SecretStr = Field(SecretStr(""), description="bearer token for that server")
    llm_base_url: str | None = Field(None, description="OpenAI-compatible server for drafts; none: the composer writes")
    llm_model: str = Field("", description="model name on that server")
    llm_api_key: SecretStr = Field(SecretStr("not-needed"), description="key of that server")
    llm_timeout_s: float = Field(45.0, gt=0, le=300, description="total seconds for one draft, repair round included")
    summariser: str = Field(
        "extractive", description="'extractive', 'llm' (the model for drafts), or a transformers seq2seq directory"
    )
    llm_max_tokens: int = Field(1000, ge=64, le=8000, description="most tokens of one draft")
    private_hosts: frozenset[str] = Field(
        frozenset(),
        description='own servers that may be called inside your network: JSON list of "host" or "host:port"',
    )
    oidc_issuer: str | None = Field(None, description="identity provider for single sign-on; none: off")
    oidc_client_id: str = Field("", description="how the provider knows this service")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="its secret; empty for a public client")
    oidc_redirect_url: str = Field("", description="public URL of /v1/sso/callback, as registered at the provider")
    oidc_tenant: str = Field("default", description="whose people the provider knows")
    oidc_role_claim: str = Field("groups", description="claim of the identity token that holds a person's groups")
    oidc_roles: dict[str, str] = Field(
        {}, description='role by group, JSON: {"desk-leads": "lead"}; the first that fits counts, none: no access'
    )
    requests_per_minute: int = Field(600, ge=1, description="requests of one key or person")
    decisions_per_minute: int = Field(60, ge=1, description="approvals and rejections of one key or person")
    logins_per_minute: int = Field(20, ge=1, description="log-ins and wrong keys from one address")
    json_bytes: int = Field(1_048_576, ge=1024, description="largest JSON body")
    mail_bytes: int = Field(26_214_400, ge=1024, description="largest mail or file")
    bulk_bytes: int = Field(536_870_912, ge=1024, description="largest body of a bulk intake")
    privacy_key: SecretStr | None = Field(
        None, description="key of the marks of erased people, when several machines share a database; default: a file"
    )
    webhook_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="key of the webhooks' secrets, when several machines share a database; default: a file",
    )
    max_waiting: int = Field(250_000, ge=1, description="above this many waiting jobs intake answers 503")
    max_waiting_of_tenant: int = Field(150_000, ge=1, description="the same for one tenant")
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="what Prometheus sends as bearer token to /metrics; none: no metrics"
    )
    otlp_endpoint: str | None = Field(None, description="OpenTelemetry collector (OTLP over HTTP) that gets traces")
    log_format: Literal["auto", "json", "text"] = Field("auto", description="auto: JSON unless a person is looking on")
    min_free_bytes: int = Field(200_000_000, ge=0, description="below this much free disk the service is not ready")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level that is logged")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was given, then the environment."""
        return init_settings, _Environment(settings_cls)

    @property
    def index_dir(self) -> Path:
        """Where index generations are written."""
        return self.data_dir / "index"

    @property
    def model_dir(self) -> Path:
        """Where trained classifiers are written."""
        return self.data_dir / "models"

    @property
    def outbox(self) -> Path:
        """Where approved replies are written."""
        return self.outbox_dir or self.data_dir / "outbox"


def load_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: lists every setting that is wrong or is none, by its variable's name and without its value.
    """
    faults = _misspelt()
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as exc:
        faults += [
            f"TRIAGE_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}." for e in exc.errors(include_input=False)
        ]
        raise ConfigurationError(faults) from None
    if faults:
        raise ConfigurationError(faults)
    return settings


def _misspelt() -> list[str]:
    """Variables that are no settings: what somebody meant to set would silently keep its default."""
    known = {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}
    strange = sorted(name for name in map(str.upper, os.environ) if name.startswith("TRIAGE_") and name not in known)
    return [f"{name}: there is no such setting{_perhaps(name, known)}." for name in strange]


def _perhaps(name: str, known: set[str]) -> str:
    meant = get_close_matches(name, known, n=1, cutoff=0.8)
    return f": perhaps {meant[0]} is meant" if meant else " (`triage doctor --settings` lists them)"
