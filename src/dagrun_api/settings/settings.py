"""The settings: each option once, read from flags, the environment, an INI file and airflow.cfg."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings.ini import AIRFLOW_SECTION, OWN_SECTION, TOKEN_SECTION, read_airflow, read_own
from dagrun_api.settings.options import (
    FLAG,
    PATH,
    PREFIX,
    SCHEMA,
    TEXT,
    TOKEN,
    URL,
    Option,
    choice,
    integer,
    option,
    seconds,
)
from dagrun_api.settings.tokens import AccessToken, refuse_twins

__all__ = ["OPTIONS", "TOKEN_KEY", "TOKEN_VARIABLES", "Settings"]

TOKEN_KEY = "airflow_api_auth"  # noqa: S105
"""The INI key of the token, in the section [airflow_api_plugin]."""

TOKEN_VARIABLES = (
    "AIRFLOW__AIRFLOW__API__PLUGIN_AIRFLOW_API_AUTH",
    "AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH",
)
"""The environment variables of the token: the plugin's spelling, and Airflow's regular one."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Everything that can be set; made directly, or by `load`. Raises ConfigurationError for a bad value."""

    database: str = option("sqlite:///dagrun-api.db", URL, "URL of the database; keep a password out of the flag")
    database_schema: str | None = option(None, SCHEMA, "PostgreSQL schema that holds Airflow's tables")
    airflow_cfg: Path | None = option(None, PATH, "an airflow.cfg to take the database and the token from")  # noqa: RUF009
    dags: Path | None = option(None, PATH, "catalogue (TOML) of the DAGs of a database of our own")  # noqa: RUF009
    token: str | None = option(None, TOKEN, "what clients must send in the Authorization header")
    host: str = option("127.0.0.1", TEXT, "address to listen on")
    port: int = option(8080, integer(0, 65535), "TCP port to listen on; 0 takes a free one")
    unix_socket: Path | None = option(None, PATH, "listen on this Unix socket instead of host and port")  # noqa: RUF009
    reuse_port: bool = option(False, FLAG, "let several processes listen on the same port")
    metrics_port: int | None = option(
        None, integer(0, 65535), "port for this process alone, on the same host, with /metrics and the probes"
    )
    prefix: str = option("/api/v1", PREFIX, "what the paths of the API start with")
    pages: bool = option(True, FLAG, "serve the web page, at /, and the reference of the API, at /reference")
    max_body: int = option(65536, integer(1024, 16 * 1024 * 1024), "largest request body, in bytes")
    body_timeout: float = option(10.0, seconds(0.1, 3600), "time that a client has to send a body")
    pool_size: int = option(5, integer(1, 1000), "most connections to the database")
    pool_timeout: float = option(2.0, seconds(0.05, 3600), "time that a request waits for a connection")
    connect_timeout: float = option(5.0, seconds(0.1, 3600), "time to connect to the database")
    query_timeout: float = option(10.0, seconds(0.1, 3600), "time for one statement in the database")
    lock_timeout: float = option(5.0, seconds(0.05, 3600), "time that a statement waits for a lock")
    statement_cache: bool = option(True, FLAG, "keep prepared statements; off behind PgBouncer in transaction mode")
    allow_unknown_schema: bool = option(
        False, FLAG, "write to the database of an Airflow release that this service does not know"
    )
    drain_delay: float = option(0.0, seconds(0, 3600), "time from being not ready to not listening, at the end")
    shutdown_timeout: float = option(20.0, seconds(0, 3600), "time that accepted requests have to finish, at the end")
    log_level: str = option("info", choice("debug", "info", "warning", "error"), "least severe messages to log")
    log_format: str = option("text", choice("text", "json"), "one line of text, or one JSON object, a message")
    access_log: bool = option(True, FLAG, "log each request")
    audit_log: bool = option(False, FLAG, "write a row into Airflow's own table log with each write")
    tokens: tuple[AccessToken, ...] = ()
    """Further tokens, each with a name and perhaps with limits; the one without a name may do everything."""
    token_file: Path | None = field(default=None, compare=False)
    """The file that tokens were read from, if any was."""

    def __post_init__(self) -> None:
        for each in OPTIONS:
            # The only way to set a field of a frozen dataclass; it turns the text of a path into a Path.
            object.__setattr__(self, each.name, each.read(getattr(self, each.name), each.name))
        refuse_twins(self.tokens, self.token)

    @classmethod
    def load(cls, flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
        """The settings by precedence: flags (None is not given), environment, INI file, airflow.cfg, default."""
        given = _given(flags, environ)
        values: dict[str, Any] = {}
        for each in OPTIONS:
            if each.name in given:
                values[each.name] = each.read(*given[each.name])
        values |= {name: given[name][0] for name in ("tokens", "token_file") if name in given}
        return cls(**values)

    @property
    def is_guarded(self) -> bool:
        """Whether a client needs a token."""
        return self.token is not None or bool(self.tokens)

    @property
    def safe_database(self) -> str:
        """The URL of the database with every password masked, for logs and reports."""
        return _masked(self.database)

    def __repr__(self) -> str:
        shown = {each.name: getattr(self, each.name) for each in OPTIONS}
        shown["database"] = self.safe_database
        shown["token"] = self.token and "***"
        shown["tokens"] = self.tokens
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


OPTIONS: tuple[Option, ...] = tuple(
    Option(each.name, each.default, each.metadata["kind"], each.metadata["help"])
    for each in fields(Settings)
    if each.metadata
)
"""The table that flags, environment variables, INI keys and the help are made of."""

_PUBLIC = {each.name: each for each in OPTIONS if each.kind is not TOKEN}

_TOKEN_KEYS = ("token", "sha256", "access", "dags")

_OTHER_VARIABLES = ("DAGRUN_API_CONFIG", "DAGRUN_API_URL")
"""Where the file is, and where the commands find a service."""

_Given = dict[str, tuple[object, str]]
"""What was given for an option, and where."""


def _given(flags: Mapping[str, object], environ: Mapping[str, str]) -> _Given:
    """What is set for each option by the source that wins; later ones here overrule earlier ones."""
    given: _Given = {}
    config = flags.get("config") or environ.get("DAGRUN_API_CONFIG")
    if config:
        given |= _from_ini(Path(str(config)))
    given |= _from_environment(environ)
    for name, value in flags.items():
        if value is not None and name != "config":
            _known(name, _PUBLIC, "Option", "the flags")
            given[name] = (value, _PUBLIC[name].flag)
    if "airflow_cfg" in given:
        path = next(each for each in OPTIONS if each.name == "airflow_cfg").read(*given["airflow_cfg"])
        if isinstance(path, Path):
            given = _from_airflow(path, environ, need_database="database" not in given) | given
    return given


def _from_ini(path: Path) -> _Given:
    sections = read_own(path)
    given: _Given = {}
    for key, value in sections.get(OWN_SECTION, {}).items():
        _known(key, _PUBLIC, "Key", f"[{OWN_SECTION}] of {path}")
        given[key] = (value, f"{key} in [{OWN_SECTION}] of {path}")
    for key, value in sections.get(AIRFLOW_SECTION, {}).items():
        _known(key, [TOKEN_KEY], "Key", f"[{AIRFLOW_SECTION}] of {path}")
        given["token"] = (value, f"{key} in [{AIRFLOW_SECTION}] of {path}")
    scoped = [name for name in sections if name.startswith(TOKEN_SECTION)]
    given["tokens"] = (tuple(_access_token(name, sections[name], path) for name in scoped), str(path))
    if scoped or "token" in given:
        given["token_file"] = (path, str(path))
    return given


def _access_token(section: str, keys: Mapping[str, str], path: Path) -> AccessToken:
    for key in keys:
        _known(key, _TOKEN_KEYS, "Key", f"[{section}] of {path}")
    more: dict[str, Any] = dict(keys)
    if "dags" in keys:
        more["dags"] = tuple(each.strip() for each in keys["dags"].split(","))
    try:
        return AccessToken(name=section.removeprefix(TOKEN_SECTION), **more)
    except ConfigurationError as error:
        raise ConfigurationError(f"In [{section}] of {path}: {error}") from None


def _from_environment(environ: Mapping[str, str]) -> _Given:
    known = {each.variable: each.name for each in _PUBLIC.values()}
    given: _Given = {}
    for variable, value in environ.items():
        ours = variable.startswith("DAGRUN_API_") and not variable.startswith("DAGRUN_API_TEST_")
        if ours and variable not in _OTHER_VARIABLES:
            _known(variable, known, "Environment variable", "the environment")
            given[known[variable]] = (value, variable)
    tokens = {variable: environ[variable] for variable in TOKEN_VARIABLES if variable in environ}
    if len(set(tokens.values())) > 1:
        raise ConfigurationError(f"{' and '.join(tokens)} are set to different tokens: unset one of them.")
    for variable, token in tokens.items():
        given["token"] = (token, variable)
    return given


def _from_airflow(path: Path, environ: Mapping[str, str], *, need_database: bool) -> _Given:
    config = read_airflow(path, environ)
    given: _Given = {}
    if need_database:
        database = config.get("sql_alchemy_conn", "database", "core")
        if database is None:
            raise ConfigurationError(f"{path} sets no sql_alchemy_conn in [database] or [core]: give --database.")
        given["database"] = database
        if schema := config.get("sql_alchemy_schema", "database", "core"):
            given["database_schema"] = schema
    if token := config.get(TOKEN_KEY, AIRFLOW_SECTION):
        given["token"] = token
    return given


def _known(name: str, known: Collection[str], what: str, where: str) -> None:
    if name not in known:
        if name.lower().endswith("token") and known is not _TOKEN_KEYS:
            hint = f"the token is {TOKEN_KEY} in [{AIRFLOW_SECTION}], or {TOKEN_VARIABLES[1]}."
        else:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}."
        raise ConfigurationError(f"{what} {name} in {where} is unknown; {hint}")


def _masked(url: str) -> str:
    """The URL without its passwords, also when it is written so badly that it is unclear where they end."""
    scheme, separator, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    user, colon, _ = account.partition(":")
    path, question, query = (f"{user}:***@{place}" if colon else account + at + place).partition("?")
    return scheme + separator + path + question + "&".join(_masked_parameter(each) for each in query.split("&"))


def _masked_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    secret = any(word in unquote(name).lower() for word in ("pass", "pwd", "secret", "token"))
    return f"{name}=***" if secret and equals else parameter
