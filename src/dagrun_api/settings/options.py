"""One option of the service: its kind, how text becomes a value, and which values it accepts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

from dagrun_api.errors import ConfigurationError

__all__ = [
    "BEARER",
    "FLAG",
    "HOSTS",
    "PASSWORD",
    "PATH",
    "PREFIX",
    "SCHEMA",
    "SITE",
    "TEXT",
    "TOKEN",
    "URL",
    "USER",
    "Kind",
    "Option",
    "choice",
    "integer",
    "option",
    "seconds",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value; `demand` completes the sentence "it must be …"."""

    metavar: str
    demand: str
    parse: Callable[[str], object]
    """Turn text into a value; raises ValueError for text that has no value of this kind."""
    accepts: Callable[[object], bool]
    private: bool = False
    """Whether a value may hold a secret, so that no message quotes it."""
    secret: bool = False
    """Whether a value is a secret, so that there is no flag for it and a repr hides it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option; its flag, environment variable and INI key all come from its name."""

    name: str
    default: object
    kind: Kind
    help: str

    @property
    def flag(self) -> str:
        """The flag on the command line, such as `--pool-size`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable, such as `DAGRUN_API_POOL_SIZE`."""
        return "DAGRUN_API_" + self.name.upper()

    def read(self, given: object, origin: str) -> object:
        """Return the checked value of a text or a ready-made value; raises ConfigurationError naming the origin."""
        value = _frozen(given)
        if isinstance(given, str):
            if self.default is None and self.kind is not TOKEN and not given.strip():
                return None
            try:
                value = self.kind.parse(given)
            except (ValueError, OverflowError):
                raise self._complaint(given, origin) from None
        if not (value is None and self.default is None) and not self.kind.accepts(value):
            raise self._complaint(given, origin)
        return value

    def _complaint(self, value: object, origin: str) -> ConfigurationError:
        shown = "" if self.kind.private else f", not {repr(value)[:120]}"
        return ConfigurationError(f"{origin} must be {self.kind.demand}{shown}.")


def option(default: T, kind: Kind, help: str) -> T:  # noqa: A002
    """Return a dataclass field that carries the description of its option."""
    return field(default=default, metadata={"kind": kind, "help": help})


def integer(low: int, high: int) -> Kind:
    """Return the kind of whole numbers between two bounds, both inclusive."""

    def accepts(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return Kind("N", f"a whole number from {low} to {high}", int, accepts)


def seconds(low: float, high: float) -> Kind:
    """Return the kind of durations between two bounds, both inclusive."""

    def accepts(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return Kind("SECONDS", f"a number of seconds from {low:g} to {high:g}", float, accepts)


def choice(*words: str) -> Kind:
    """Return the kind that allows only these words."""
    metavar = "{" + ",".join(words) + "}"
    return Kind(metavar, "one of " + ", ".join(words), _lower, lambda value: value in words)


def _lower(text: str) -> str:
    return text.strip().lower()


def _site(text: str) -> str:
    return text.strip().rstrip("/")


def _flag(text: str) -> bool:
    word = _lower(text)
    if word in {"true", "yes", "on", "1"}:
        return True
    if word in {"false", "no", "off", "0"}:
        return False
    raise ValueError(text)


def _path(text: str) -> Path:
    return Path(text.strip())


def _printable(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _word(value: object) -> bool:
    return isinstance(value, str) and _printable(value) and " " not in value


def _like(pattern: str) -> Callable[[object], bool]:
    matches = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and _printable(value) and matches(value) is not None


_SITE = _like(
    r"https?://(\[[0-9A-Fa-f:.]+\]|([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?)(:[0-9]{1,5})?(/[^/\s?#]+)*"
)


def _is_site(value: object) -> bool:
    if not _SITE(value):
        return False
    try:
        parts = urlsplit(str(value))
        if "[" in parts.netloc:
            IPv6Address(parts.hostname or "")
        return parts.port != 0
    except ValueError:
        return False


def _frozen(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _each(accepts: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and all(map(accepts, cast("tuple[object, ...]", value)))


FLAG = Kind("", "true or false", _flag, lambda value: isinstance(value, bool))
PATH = Kind("FILE", "the path of a file", _path, lambda value: isinstance(value, Path) and _printable(str(value)))
TEXT = Kind("NAME", "one word of printable characters", str.strip, _word)
# Not stripped: a space before or after a token is more likely a mistake than part of it.
TOKEN = Kind("TOKEN", "one word of printable characters, and not blank", str, _word, private=True, secret=True)
BEARER = Kind("TOKEN", "one word of printable ASCII characters", str, _like("[!-~]+"), private=True, secret=True)
USER = Kind("NAME", "printable characters without a colon", str.strip, _like("[^:]+"))
PASSWORD = Kind("PASSWORD", "printable characters", str, _printable, private=True, secret=True)
SITE = Kind(
    "URL",
    "an http or https URL without credentials, query and fragment, such as https://airflow.example.com",
    _site,
    _is_site,
    private=True,
)
URL = Kind(
    "URL",
    "a URL such as sqlite:///file.db or postgresql://user@host/name",
    str.strip,
    _like(r"[A-Za-z][A-Za-z0-9+.-]*://.*"),
    private=True,
)
SCHEMA = Kind("NAME", "the name of a PostgreSQL schema", str.strip, _like(r"[A-Za-z0-9_$-]{1,63}"))
HOSTS = Kind(
    "NAMES",
    "host names such as runs.example.com, without scheme, port and path, separated by commas or spaces (other "
    "alphabets as xn--…), or * for any host",
    _words,
    _each(_like(r"\*|(?=.{1,254}$)([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?")),
)
PREFIX = Kind(
    "PATH",
    "a path such as /api/v1: it starts with a slash, does not end with one, and contains only letters, digits "
    "and . _ ~ -",
    str.strip,
    _like(r"(/(?!\.\.?(/|$))[A-Za-z0-9._~-]+)+"),
)
