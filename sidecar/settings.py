"""Every setting once: environment name, default, help; a wrong one fails at start.

The same table makes ``docs/configuration.md`` and ``deskside doctor``.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sidecar.errors import Misconfigured


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class Settings(BaseSettings):
    """What an operator can set; environment variables only, read once."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(
        Path("./.deskside"),
        validation_alias=_named("DESKSIDE_DATA_DIR"),
        description="Folder of the database, the index, the model cache and the keys.",
    )
    sidecar_address: str = Field(
        "127.0.0.1:50051",
        validation_alias=_named("DESKSIDE_SIDECAR_ADDRESS"),
        description="Where the gRPC service listens and where its clients look for it.",
    )
    panel_address: str = Field(
        "127.0.0.1:8080",
        validation_alias=_named("DESKSIDE_PANEL_ADDRESS"),
        description="Where the panel and the administration page listen.",
    )
    connectors_address: str = Field(
        "127.0.0.1:8081",
        validation_alias=_named("DESKSIDE_CONNECTORS_ADDRESS"),
        description="Where webhooks of the helpdesks are received.",
    )
    metrics_address: str = Field(
        "127.0.0.1:9464",
        validation_alias=_named("DESKSIDE_METRICS_ADDRESS"),
        description="Where /healthz, /readyz and /metrics are served.",
    )
    database_url: str = Field(
        "",
        validation_alias=_named("DESKSIDE_DATABASE_URL"),
        description=(
            "Database; empty means SQLite in the data folder. For MySQL or MariaDB:"
            " mysql+pymysql://user:password@host:3306/deskside"
        ),
    )
    weaviate_url: str = Field(
        "",
        validation_alias=_named("DESKSIDE_WEAVIATE_URL"),
        description="Weaviate server; empty means the embedded index.",
    )
    redis_url: str = Field(
        "",
        validation_alias=_named("DESKSIDE_REDIS_URL"),
        description="Redis for cache, shared rate limits and the doorbell; optional.",
    )
    api_key: str = Field(
        "",
        validation_alias=_named("DESKSIDE_API_KEY"),
        description="Key the command line, the connectors and the panel call with.",
    )
    secret_key_file: Path | None = Field(
        None,
        validation_alias=_named("DESKSIDE_SECRET_KEY_FILE"),
        description="File with the secret that signs page tokens and encrypts"
        " credentials, one a line, the newest first; empty means one made in the data"
        " folder. See `deskside keys rotate`.",
    )
    tls_cert: Path | None = Field(
        None,
        validation_alias=_named("DESKSIDE_TLS_CERT"),
        description="Certificate chain (PEM) of the gRPC service.",
    )
    tls_key: Path | None = Field(
        None,
        validation_alias=_named("DESKSIDE_TLS_KEY"),
        description="Private key (PEM) of the gRPC service.",
    )
    tls_client_ca: Path | None = Field(
        None,
        validation_alias=_named("DESKSIDE_TLS_CLIENT_CA"),
        description="Authority (PEM) whose client certificates are required (mTLS).",
    )
    tls_client_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias=_named("DESKSIDE_TLS_CLIENT_NAMES"),
        description="With mutual TLS, the names (SAN or CN) that client certificates"
        " may carry, separated by blanks; empty lets in all the authority signed.",
    )
    insecure: bool = Field(
        False,
        validation_alias=_named("DESKSIDE_INSECURE"),
        description="Set to 1 to listen off loopback without TLS. Not for production.",
    )
    allow_test_hosts: bool = Field(
        False,
        validation_alias=_named("DESKSIDE_ALLOW_TEST_HOSTS"),
        description="Set to 1 to let connectors talk to loopback (tests and demo).",
    )
    llm: Literal["local", "openai", "anthropic"] = Field(
        "local",
        validation_alias=_named("DESKSIDE_LLM"),
        description="Which engine writes: local needs no key and no network. The other"
        " provider, when its key is set too, stands in for the chosen one.",
    )
    openai_api_key: str = Field(
        "",
        repr=False,
        validation_alias=_named("OPENAI_API_KEY"),
        description="Key of OpenAI, or of the server at OPENAI_BASE_URL.",
    )
    openai_base_url: str = Field(
        "https://api.openai.com/v1",
        validation_alias=_named("OPENAI_BASE_URL"),
        description="Address of OpenAI or of a server that speaks its chat protocol;"
        " https only.",
    )
    openai_model: str = Field(
        "gpt-4.1-mini",
        min_length=1,
        max_length=150,
        validation_alias=_named("DESKSIDE_OPENAI_MODEL"),
        description="Model that is asked at OpenAI; it must know JSON Schema output.",
    )
    openai_prices: Annotated[tuple[float, ...], NoDecode] = Field(
        (0.4, 1.6, 0.1, 0.4),
        validation_alias=_named("DESKSIDE_OPENAI_PRICES"),
        description="US dollars per million tokens of that model: input, output, input"
        " read from the provider's cache, input written to it. Budgets go by these.",
    )
    anthropic_api_key: str = Field(
        "",
        repr=False,
        validation_alias=_named("ANTHROPIC_API_KEY"),
        description="Key of Anthropic.",
    )
    anthropic_base_url: str = Field(
        "https://api.anthropic.com",
        validation_alias=_named("ANTHROPIC_BASE_URL"),
        description="Address of Anthropic; https only.",
    )
    anthropic_model: str = Field(
        "claude-haiku-4-5",
        min_length=1,
        max_length=150,
        validation_alias=_named("DESKSIDE_ANTHROPIC_MODEL"),
        description="Model that is asked at Anthropic; it must know JSON Schema"
        " output.",
    )
    anthropic_prices: Annotated[tuple[float, ...], NoDecode] = Field(
        (1.0, 5.0, 0.1, 1.25),
        validation_alias=_named("DESKSIDE_ANTHROPIC_PRICES"),
        description="The same four prices for the model at Anthropic.",
    )
    llm_seconds: float = Field(
        30.0,
        ge=1,
        le=300,
        validation_alias=_named("DESKSIDE_LLM_SECONDS"),
        description="Longest call of a language model; the caller's deadline counts"
        " besides.",
    )
    llm_tokens: int = Field(
        12_000,
        ge=2_000,
        le=500_000,
        validation_alias=_named("DESKSIDE_LLM_TOKENS"),
        description="Most tokens of ticket and articles in one prompt; of longer"
        " threads the first and the newest turns are sent.",
    )
    llm_cache_seconds: int = Field(
        1800,
        ge=0,
        le=86_400,
        validation_alias=_named("DESKSIDE_LLM_CACHE_SECONDS"),
        description="How long the answer to the same redacted question is kept; 0"
        " switches that off.",
    )
    processes: int = Field(
        1,
        ge=1,
        le=64,
        validation_alias=_named("DESKSIDE_PROCESSES"),
        description="How many sidecar processes share the port. As many as cores answer"
        " up to twice as many calls at once, for 170 MB each.",
    )
    threads: int = Field(
        0,
        ge=0,
        le=256,
        validation_alias=_named("DESKSIDE_THREADS"),
        description="Embedding threads a process; 0 means cores divided by processes.",
    )
    embedder: Literal["auto", "minilm", "none"] = Field(
        "auto",
        validation_alias=_named("DESKSIDE_EMBEDDER"),
        description="auto uses the MiniLM weights when installed, else keywords only.",
    )
    embedder_variant: Literal["fp32", "int8"] = Field(
        "int8",
        validation_alias=_named("DESKSIDE_EMBEDDER_VARIANT"),
        description=(
            "Arithmetic of the embedder: int8 is twice as fast, fp32 is the original."
            " After a change run `deskside kb reindex`."
        ),
    )
    key_calls_per_minute: int = Field(
        6000,
        ge=1,
        le=1_000_000,
        validation_alias=_named("DESKSIDE_KEY_CALLS_PER_MINUTE"),
        description="Calls a minute of one program's key; more are asked to wait.",
    )
    person_calls_per_minute: int = Field(
        300,
        ge=1,
        le=1_000_000,
        validation_alias=_named("DESKSIDE_PERSON_CALLS_PER_MINUTE"),
        description="Calls a minute of one person's session; more are asked to wait.",
    )
    workspace: str = Field(
        "default",
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        validation_alias=_named("DESKSIDE_WORKSPACE"),
        description="Name of the workspace made at the first start.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        validation_alias=_named("DESKSIDE_LOG_LEVEL"),
        description="How much is logged; logs are JSON lines on standard error.",
    )
    drain_seconds: float = Field(
        10.0,
        ge=0,
        le=300,
        validation_alias=_named("DESKSIDE_DRAIN_SECONDS"),
        description="How long calls in flight may finish after a stop signal.",
    )
    demo: bool = Field(
        False,
        validation_alias=_named("DESKSIDE_DEMO"),
        description="Set by `deskside up --demo`: sign-in without password, here only.",
    )
    frame_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias=_named("DESKSIDE_FRAME_ORIGINS"),
        description="Origins that may frame the panel, separated by blanks.",
    )

    @field_validator("frame_origins", "tls_client_names", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("openai_prices", "anthropic_prices", mode="before")
    @classmethod
    def _split_prices(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("openai_prices", "anthropic_prices")
    @classmethod
    def _check_prices(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(value) != 4 or not all(0 <= price < 100_000 for price in value):
            raise ValueError("write four prices separated by blanks: 0.4 1.6 0.1 0.4")
        return value

    @field_validator(
        "sidecar_address", "panel_address", "connectors_address", "metrics_address"
    )
    @classmethod
    def _check_address(cls, value: str) -> str:
        split_address(value)
        return value

    @property
    def effective_database_url(self) -> str:
        """Return the database URL, the embedded default filled in."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.data_dir / 'deskside.db').absolute()}"


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port``; raises ``ValueError`` with what is wrong."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("write it as HOST:PORT, for example 127.0.0.1:50051")
    return host.strip("[]"), int(port)


def is_loopback(address: str) -> bool:
    """Say whether only this machine can reach the address."""
    host, _ = split_address(address)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises ``Misconfigured`` naming the setting and what to set.
    """
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]  # names are checked by pydantic
    except ValidationError as error:
        raise Misconfigured("\n".join(_explain(error))) from None
    if bool(settings.tls_cert) != bool(settings.tls_key):
        missing = "DESKSIDE_TLS_KEY" if settings.tls_cert else "DESKSIDE_TLS_CERT"
        raise Misconfigured(f"{missing} is not set: TLS needs certificate and key.")
    return settings


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "a setting"
        field = Settings.model_fields.get(name)
        if field is not None:
            name = environment_name(name)
        about = describe(name)
        lines.append(f"{name}: {problem['msg']}. {about}".rstrip())
    return lines


def environment_name(field_name: str) -> str:
    """Return the environment variable of a field."""
    alias = Settings.model_fields[field_name].validation_alias
    assert isinstance(alias, AliasChoices)
    return str(alias.choices[0])


def describe(name: str) -> str:
    """Return the help text of an environment variable, '' when unknown."""
    for field_name, field in Settings.model_fields.items():
        if environment_name(field_name) == name:
            return field.description or ""
    return ""
