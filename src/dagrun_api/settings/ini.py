"""INI files: the service's own file, where every mistake is an error, and airflow.cfg, where the rest is ignored."""

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
"""The beginning of the name of a section that holds a named token; the token's name follows."""

# No section can have this name, so [DEFAULT] is an ordinary section and its keys stay out of the others.
_NO_DEFAULTS = "\0"


def read_own(path: Path) -> dict[str, dict[str, str]]:
    """Return the service's sections in the file, by name; raises ConfigurationError."""
    # Values are taken literally: passwords contain percent signs and number signs.
    parser = ConfigParser(interpolation=None, default_section=_NO_DEFAULTS, delimiters=("=",))
    _parse(parser, path)
    for section in parser.sections():
        _refuse_misspelling(section, path)
    found = {name: dict(parser[name]) for name in parser.sections() if _is_own(name)}
    if not found:
        raise ConfigurationError(f"{path} has no section [{OWN_SECTION}], so it sets nothing.")
    return found


def _refuse_misspelling(section: str, path: Path) -> None:
    meant = re.sub(r"[^a-z]+", "_", section.strip().lower())
    if meant in (OWN_SECTION, AIRFLOW_SECTION) and meant != section:
        raise ConfigurationError(f"{path} has a section [{section}]: it must be spelled [{meant}].")
    if re.match(r"tokens?(_|$)", meant) and not section.startswith(TOKEN_SECTION):
        raise ConfigurationError(f"{path} has a section [{section}]: it must be spelled [{TOKEN_SECTION}NAME].")


def _is_own(section: str) -> bool:
    return section in (OWN_SECTION, AIRFLOW_SECTION) or section.startswith(TOKEN_SECTION)


@dataclass(frozen=True, slots=True)
class AirflowConfig:
    """An airflow.cfg together with the environment variables that override it."""

    path: Path
    parser: ConfigParser
    environ: Mapping[str, str]

    def get(self, key: str, *sections: str) -> tuple[str, str] | None:
        """Return the value as Airflow reads it, and where it was found.

        The environment wins over the file, and an earlier section over a later one. Raises ConfigurationError for a
        value that only Airflow can resolve.
        """
        for section in sections:
            variable = f"AIRFLOW__{section}__{key}".upper()
            if variable in self.environ:
                return self._expanded(self.environ[variable]), variable
            if f"{variable}_CMD" in self.environ or f"{variable}_SECRET" in self.environ:
                raise ConfigurationError(
                    f"{variable}_CMD or {variable}_SECRET is set, which only Airflow can resolve: "
                    f"set {variable} instead, or give the value directly to the service."
                )
        for section in sections:
            if self.parser.has_option(section, key):
                # Airflow reads its file with interpolation, where a percent sign is written twice.
                text = self.parser.get(section, key).replace("%%", "%")
                return self._expanded(text), f"{key} in [{section}] of {self.path}"
        return None

    def _expanded(self, text: str) -> str:
        """Return the text with $NAME and ${NAME} replaced from the environment where they are set, as Airflow does."""
        return re.sub(r"\$(?:(\w+)|\{(\w+)\})", lambda m: self.environ.get(m[1] or m[2], m[0]), text)


def read_airflow(path: Path, environ: Mapping[str, str]) -> AirflowConfig:
    """Return an airflow.cfg, even one with faulty lines; raises ConfigurationError when it cannot be read at all."""
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
        # The parser reports faulty lines at the end, when it has read all others; without a section it reads none.
        if tolerant and isinstance(error, ParsingError) and parser.sections():
            return
        # The parser's own text quotes the line, which may hold a secret.
        raise ConfigurationError(f"{path} is not a valid INI file{_place(error)}.") from None


def _place(error: Error) -> str:
    match error:
        case DuplicateOptionError():
            return f" (line {error.lineno}): the key {error.option!r} appears twice"
        case DuplicateSectionError():
            return f" (line {error.lineno}): the section {error.section!r} appears twice"
        case MissingSectionHeaderError():
            return f" (line {error.lineno})"
        case ParsingError():
            return f" (line {error.errors[0][0]})"
        case _:
            return ""
