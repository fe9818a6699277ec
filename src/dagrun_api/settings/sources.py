"""Where settings come from: flags, the environment, the service's INI file and airflow.cfg."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings.ini import AIRFLOW_SECTION, OWN_SECTION, TOKEN_SECTION, read_airflow, read_own
from dagrun_api.settings.options import TOKEN, Option
from dagrun_api.settings.tokens import AccessToken

__all__ = ["TOKEN_KEY", "TOKEN_VARIABLES", "collect"]

TOKEN_KEY = "airflow_api_auth"  # noqa: S105
"""The INI key of the token without a name, in the section [airflow_api_plugin]."""

TOKEN_VARIABLES = (
    "AIRFLOW__AIRFLOW__API__PLUGIN_AIRFLOW_API_AUTH",
    "AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH",
    "DAGRUN_API_TOKEN",
)
"""The environment variables of that token: the spelling of the Airflow plugin, Airflow's regular one, and our own.

None wins over another. If they hold different tokens, it is unclear which one a client has.
"""

_TOKEN_KEYS = ("token", "sha256", "access", "dags")
"""The keys of a section [token:NAME]."""

_CONFIG_VARIABLE = "DAGRUN_API_CONFIG"

_OTHER_VARIABLES = (_CONFIG_VARIABLE, "DAGRUN_API_URL", *TOKEN_VARIABLES)
"""Variables that are no option: the path of the INI file, the address that the client commands use, and the token."""


class Given(NamedTuple):
    """A value as a source holds it, and the name of that place for error messages."""

    value: object
    origin: str


def collect(options: Sequence[Option], flags: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that any source gives, by name, checked; raises ConfigurationError.

    A flag (None means that it was not given) wins over the environment, the environment over the INI file, and the INI
    file over airflow.cfg. A secret has no flag on the command line, but a host application may pass it among the flags.
    """
    public = {each.name: each for each in options if each.kind is not TOKEN}
    values: dict[str, Any] = {}
    given: dict[str, Given] = {}
    if config := flags.get("config") or environ.get(_CONFIG_VARIABLE):
        from_ini, values = _from_ini(Path(str(config)), public)
        given |= from_ini
    given |= _from_environment(environ, public)
    given |= _from_flags(flags, public)
    if "airflow_cfg" in given:
        path = public["airflow_cfg"].read(*given["airflow_cfg"])
        if isinstance(path, Path):
            given = _from_airflow(path, environ, given) | given
    return values | {each.name: each.read(*given[each.name]) for each in options if each.name in given}


def _from_flags(flags: Mapping[str, object], public: Mapping[str, Option]) -> dict[str, Given]:
    given: dict[str, Given] = {}
    for name, value in flags.items():
        if value is not None and name != "config":
            _refuse_unknown(name, public, "Option", "the flags")
            option = public[name]
            given[name] = Given(value, name if option.kind.secret else option.flag)
    return given


def _from_environment(environ: Mapping[str, str], public: Mapping[str, Option]) -> dict[str, Given]:
    known = {each.variable: each.name for each in public.values()}
    given: dict[str, Given] = {}
    for variable, value in environ.items():
        is_own = variable.startswith("DAGRUN_API_") and not variable.startswith("DAGRUN_API_TEST_")
        if is_own and variable not in _OTHER_VARIABLES:
            _refuse_unknown(variable, known, "Environment variable", "the environment")
            given[known[variable]] = Given(value, variable)
    tokens = {variable: environ[variable] for variable in TOKEN_VARIABLES if variable in environ}
    if len(set(tokens.values())) > 1:
        raise ConfigurationError(f"{' and '.join(tokens)} are set to different tokens: set only one of them.")
    for variable, token in tokens.items():
        given["token"] = Given(token, variable)
    return given


def _from_ini(path: Path, public: Mapping[str, Option]) -> tuple[dict[str, Given], dict[str, object]]:
    """Return the options of the file, and the settings that only a file can hold: the named tokens and their file."""
    sections = read_own(path)
    given: dict[str, Given] = {}
    for key, value in sections.get(OWN_SECTION, {}).items():
        _refuse_unknown(key, public, "Key", f"[{OWN_SECTION}] of {path}")
        given[key] = Given(value, f"{key} in [{OWN_SECTION}] of {path}")
    for key, value in sections.get(AIRFLOW_SECTION, {}).items():
        _refuse_unknown(key, [TOKEN_KEY], "Key", f"[{AIRFLOW_SECTION}] of {path}")
        given["token"] = Given(value, f"{key} in [{AIRFLOW_SECTION}] of {path}")
    named = [name for name in sections if name.startswith(TOKEN_SECTION)]
    tokens = tuple(_access_token(name, sections[name], path) for name in named)
    return given, {"tokens": tokens, "token_file": path if tokens or "token" in given else None}


def _access_token(section: str, keys: Mapping[str, str], path: Path) -> AccessToken:
    for key in keys:
        _refuse_unknown(key, _TOKEN_KEYS, "Key", f"[{section}] of {path}")
    values: dict[str, Any] = dict(keys)
    if "dags" in keys:
        values["dags"] = tuple(each.strip() for each in keys["dags"].split(","))
    try:
        return AccessToken(name=section.removeprefix(TOKEN_SECTION), **values)
    except ConfigurationError as error:
        raise ConfigurationError(f"In [{section}] of {path}: {error}") from None


def _from_airflow(path: Path, environ: Mapping[str, str], known: Mapping[str, Given]) -> dict[str, Given]:
    """Return what airflow.cfg adds to what is known."""
    config = read_airflow(path, environ)
    given: dict[str, Given] = {}
    if "database" not in known:
        database = config.get("sql_alchemy_conn", "database", "core")
        if database is None:
            raise ConfigurationError(f"{path} does not set sql_alchemy_conn in [database] or [core]: give --database.")
        given["database"] = Given(*database)
        if schema := config.get("sql_alchemy_schema", "database", "core"):
            given["database_schema"] = Given(*schema)
    if "token" not in known and (token := config.get(TOKEN_KEY, AIRFLOW_SECTION)):
        given["token"] = Given(*token)
    return given


def _refuse_unknown(name: str, known: Collection[str], what: str, where: str) -> None:
    if name in known:
        return
    if name.lower().endswith("token") and known is not _TOKEN_KEYS:
        hint = f"set the token as {TOKEN_KEY} in [{AIRFLOW_SECTION}] or as {TOKEN_VARIABLES[1]}."
    else:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else f"the known ones are {', '.join(known)}."
    raise ConfigurationError(f"{what} {name} in {where} is unknown; {hint}")
