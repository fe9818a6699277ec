"""INI files: our own, in which a mistake is an error, and Airflow's, of which most is no concern of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from configparser import (
    ConfigParser,
    DuplicateOptionError,
    DuplicateSectionError,
    Error,
    MissingSectionHeaderError,
    ParsingError,
)
from dataclasses import dataclass
from pathlib import Path

from dagrun_api.errors import ConfigurationError

__all__ = ["AIRFLOW_SECTION", "OWN_SECTION", "TOKEN_SECTION", "AirflowConfig", "read_airflow", "read_own"]

OWN_SECTION = "dagrun_api"
AIRFLOW_SECTION = "airflow_api_plugin"
TOKEN_SECTION = "token:"  # noqa: S105
"""What the sections of further tokens begin with; the rest is a token's name."""

# No section has this name, so that [DEFAULT] is not mixed into the others.
_NO_DEFAULTS = "\0"


def read_own(path: Path) -> dict[str, dict[str, str]]:
    """The sections of ours that the file holds, by name; raises ConfigurationError."""
    # Values are taken as they stand: passwords hold percent signs, and number signs too.
    parser = ConfigParser(interpolation=None, default_section=_NO_DEFAULTS, delimiters=("=",))
    _parse(parser, path)
    for section in parser.sections():
        meant = re.sub(r"[^a-z]+", "_", section.strip().lower())
        if meant in (OWN_SECTION, AIRFLOW_SECTION) and meant != section:
            raise ConfigurationError(f"{path} has a section [{section}]: it must be spelt [{meant}].")
        if re.match(r"tokens?(_|$)", meant) and not section.startswith(TOKEN_SECTION):
            raise ConfigurationError(f"{path} has a section [{section}]: it must be spelt [{TOKEN_SECTION}NAME].")
    found = {name: dict(parser[name]) for name in parser.sections() if _is_ours(name)}
    if not found:
        raise ConfigurationError(f"{path} has no section [{OWN_SECTION}], so it sets nothing.")
    return found


def _is_ours(section: str) -> bool:
    return section in (OWN_SECTION, AIRFLOW_SECTION) or section.startswith(TOKEN_SECTION)


@dataclass(frozen=True, slots=True)
class AirflowConfig:
    """An airflow.cfg together with the environment variables that override it."""

    path: Path
    parser: ConfigParser
    environ: Mapping[str, str]

    def get(self, key: str, *sections: str) -> tuple[str, str] | None:
        """The value as Airflow reads it, and where it stands; the environment and earlier sections win."""
        for section in sections:
            variable = f"AIRFLOW__{section}__{key}".upper()
            if variable in self.environ:
                return self._expanded(self.environ[variable]), variable
            if f"{variable}_CMD" in self.environ or f"{variable}_SECRET" in self.environ:
                raise ConfigurationError(
                    f"{variable}_CMD or {variable}_SECRET is set, which only Airflow can resolve: "
                    f"set {variable}, or give the value to the service itself."
                )
        for section in sections:
            if self.parser.has_option(section, key):
                # Airflow reads its file with interpolation, where a percent sign is written twice.
                text = self.parser.get(section, key).replace("%%", "%")
                return self._expanded(text), f"{key} in [{section}] of {self.path}"
        return None

    def _expanded(self, text: str) -> str:
        """Like Airflow, replace $NAME and ${NAME} that are set in the environment."""
        return re.sub(r"\$(?:(\w+)|\{(\w+)\})", lambda m: self.environ.get(m[1] or m[2], m[0]), text)


def read_airflow(path: Path, environ: Mapping[str, str]) -> AirflowConfig:
    """An airflow.cfg, whatever else it holds; raises ConfigurationError when it cannot be read at all."""
    parser = ConfigParser(interpolation=None, default_section=_NO_DEFAULTS, strict=False)
    _parse(parser, path, tolerant=True)
    return AirflowConfig(path, parser, environ)


def _parse(parser: ConfigParser, path: Path, *, tolerant: bool = False) -> None:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not encoded in UTF-8 (byte {error.start}).") from error
    try:
        parser.read_string(text, str(path))
    except Error as error:
        # What came before and after an odd line has been read by then, unless there was no section at all.
        if tolerant and isinstance(error, ParsingError) and parser.sections():
            return
        # The parser's own text quotes the line, which may hold a secret.
        raise ConfigurationError(f"{path} is not a sound INI file{_place(error)}.") from None


def _place(error: Error) -> str:
    match error:
        case DuplicateOptionError():
            return f" (line {error.lineno}): {error.option!r} stands there a second time"
        case DuplicateSectionError():
            return f" (line {error.lineno}): {error.section!r} stands there a second time"
        case MissingSectionHeaderError():
            return f" (line {error.lineno})"
        case ParsingError():
            return f" (line {error.errors[0][0]})"
        case _:
            return ""
