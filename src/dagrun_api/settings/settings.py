"""The settings: one field for each option, with its default, its kind and its help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from dagrun_api.settings import sources
from dagrun_api.settings.airflow_login import refuse_unusable
from dagrun_api.settings.masking import masked
from dagrun_api.settings.options import (
    BEARER,
    FLAG,
    HOSTS,
    PASSWORD,
    PATH,
    PREFIX,
    SCHEMA,
    SITE,
    TEXT,
    TOKEN,
    URL,
    USER,
    Option,
    choice,
    integer,
    option,
    seconds,
)
from dagrun_api.settings.tokens import AccessToken, refuse_duplicates

__all__ = ["OPTIONS", "Settings"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Everything that an operator can set, given directly or by `load`; raises ConfigurationError for a bad value."""

    database: str = option("sqlite:///dagrun-api.db", URL, "URL of the database; do not put a password into the flag")
    database_schema: str | None = option(None, SCHEMA, "PostgreSQL schema of Airflow's tables")
    airflow_cfg: Path | None = option(None, PATH, "airflow.cfg to take the database and the token from")  # noqa: RUF009
    dags: Path | None = option(None, PATH, "catalogue (TOML) of the DAGs of a built-in database")  # noqa: RUF009
    token: str | None = option(None, TOKEN, "token that clients must send in the Authorization header")
    host: str = option("127.0.0.1", TEXT, "address to listen on")
    port: int = option(8080, integer(0, 65535), "TCP port to listen on; 0 picks a free port")
    allowed_hosts: tuple[str, ...] = option(
        (), HOSTS, "without a token: the names by which clients may address the service; * for any"
    )
    unix_socket: Path | None = option(None, PATH, "Unix socket to listen on, instead of host and port")  # noqa: RUF009
    reuse_port: bool = option(False, FLAG, "let several processes listen on the same port")
    metrics_port: int | None = option(
        None, integer(0, 65535), "extra port on the same host for this process's /metrics and probes"
    )
    max_connections: int = option(1000, integer(1, 1_000_000), "maximum number of open connections of clients")
    prefix: str = option("/api/v1", PREFIX, "start of the API's paths")
    pages: bool = option(True, FLAG, "serve the web page at / and the API reference at /reference")
    max_body: int = option(65536, integer(1024, 16 * 1024 * 1024), "largest request body in bytes")
    body_timeout: float = option(10.0, seconds(0.1, 3600), "time a client has to send a body")
    write_timeout: float = option(10.0, seconds(0.1, 3600), "time a client has to read an answer")
    pool_size: int = option(5, integer(1, 1000), "maximum number of database connections")
    pool_timeout: float = option(2.0, seconds(0.05, 3600), "time a request waits for a database connection")
    connect_timeout: float = option(5.0, seconds(0.1, 3600), "time to connect to the database")
    query_timeout: float = option(10.0, seconds(0.1, 3600), "time one database statement may take")
    lock_timeout: float = option(5.0, seconds(0.05, 3600), "time a statement waits for a lock")
    statement_cache: bool | None = option(
        None, FLAG, "cache prepared statements; automatic: not behind a pooler such as PgBouncer"
    )
    allow_unknown_schema: bool = option(
        False, FLAG, "write to the database even if this service does not know its Airflow release"
    )
    drain_delay: float = option(0.0, seconds(0, 3600), "on shutdown: time to report not ready before listening stops")
    shutdown_timeout: float = option(20.0, seconds(0, 3600), "on shutdown: time accepted requests have to finish")
    log_level: str = option("info", choice("debug", "info", "warning", "error"), "lowest level to log")
    log_format: str = option("text", choice("text", "json"), "log lines as text or as JSON objects")
    access_log: bool = option(True, FLAG, "log each request")
    show_conf: bool = option(True, FLAG, "show the conf of a run to everyone who may read the run")
    audit_log: bool = option(False, FLAG, "add a row to Airflow's log table with each write")
    airflow_url: str | None = option(None, SITE, "address of Airflow's own page and API")
    airflow_username: str | None = option(None, USER, "user of Airflow's API, through which a retry clears failed runs")
    airflow_password: str | None = option(None, PASSWORD, "password of that user")
    airflow_token: str | None = option(None, BEARER, "token for Airflow's API, instead of a user and a password")
    tokens: tuple[AccessToken, ...] = ()
    """The named tokens, each with or without limits; `token`, which has no name, may do everything."""
    token_file: Path | None = field(default=None, compare=False)
    """The file that tokens were read from, if any."""

    def __post_init__(self) -> None:
        for each in OPTIONS:
            # The only way to set a field of a frozen dataclass; it turns the text of a path into a Path.
            object.__setattr__(self, each.name, each.read(getattr(self, each.name), each.name))
        refuse_duplicates(self.tokens, self.token)
        refuse_unusable(self.airflow_url, self.airflow_username, self.airflow_password, self.airflow_token)

    @classmethod
    def load(cls, flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
        """Return the settings by precedence: flags (None: not given), environment, INI file, airflow.cfg, default."""
        return cls(**sources.collect(OPTIONS, flags, environ))

    @property
    def is_guarded(self) -> bool:
        """Whether a client needs a token."""
        return self.token is not None or bool(self.tokens)

    @property
    def has_airflow_login(self) -> bool:
        """Whether the service may ask Airflow's own API."""
        return self.airflow_password is not None or self.airflow_token is not None

    @property
    def safe_database(self) -> str:
        """The URL of the database with every password masked, for logs and reports."""
        return masked(self.database)

    def __repr__(self) -> str:
        shown = {each.name: getattr(self, each.name) for each in OPTIONS}
        shown |= {each.name: shown[each.name] and "***" for each in OPTIONS if each.kind.secret}
        shown["database"] = self.safe_database
        shown["tokens"] = self.tokens
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


OPTIONS: tuple[Option, ...] = tuple(
    Option(each.name, each.default, each.metadata["kind"], each.metadata["help"])
    for each in fields(Settings)
    if each.metadata
)
"""The table that flags, environment variables, INI keys and help texts are made from."""
