"""Access tokens with names and limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings.options import TOKEN, Option, choice
from dagrun_api.settings.rights import ALL_DAGS, Rights, are_patterns

__all__ = ["DEFAULT_NAME", "AccessToken", "digest", "refuse_duplicates"]

DEFAULT_NAME = "default"
"""The name that logs show for the token that was set without a name."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_ACCESS = Option("access", "write", choice("read", "write"), "")
_TOKEN = Option("token", None, TOKEN, "")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AccessToken:
    """A named token, given as text or as its SHA-256 digest; raises ConfigurationError for a bad value."""

    name: str
    token: str | None = None
    sha256: str | None = None
    """The digest as 64 hexadecimal digits."""
    access: str = "write"
    """`read` or `write`."""
    dags: tuple[str, ...] = ALL_DAGS
    """Case-sensitive shell patterns of the DAGs that the token may access."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == DEFAULT_NAME:
            raise ConfigurationError(
                f"The name of a token must be 1 to 64 letters, digits and . _ @ -, and not {DEFAULT_NAME}, which is "
                f"the name of airflow_api_auth; it is {self.name[:80]!r}."
            )
        where = f" of the token {self.name}"
        if (self.token is None) == (self.sha256 is None):
            raise ConfigurationError(f"The token {self.name} must have either token or sha256, and not both.")
        _TOKEN.read(self.token, f"token{where}")
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise ConfigurationError(f"sha256{where} must be the 64 hexadecimal digits of the token's SHA-256 digest.")
        # The only way to set a field of a frozen dataclass; it makes the word lower-case.
        object.__setattr__(self, "access", _ACCESS.read(self.access, f"access{where}"))
        if (
            not self.dags
            or not are_patterns(self.dags)
            or not all(each.isprintable() and each and " " not in each for each in self.dags)
        ):
            raise ConfigurationError(
                f"dags{where} must be DAG ids or shell patterns such as etl_*, separated by commas; "
                "leave it out to allow all DAGs."
            )

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the token that a client sends."""
        return bytes.fromhex(self.sha256) if self.sha256 is not None else digest(self.token or "")

    @property
    def rights(self) -> Rights:
        """The rights that the token gives."""
        return Rights(self.name, self.access == "write", self.dags)

    def __repr__(self) -> str:
        return f"AccessToken(name={self.name!r}, token='***', access={self.access!r}, dags={self.dags!r})"


def digest(token: str) -> bytes:
    """Return the SHA-256 digest of a token from the settings or from a header."""
    # aiohttp keeps bytes of a header that are not UTF-8 as surrogates.
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def refuse_duplicates(tokens: Iterable[AccessToken], default: str | None) -> None:
    """Raise ConfigurationError when two tokens have the same name or the same text."""
    owners = {} if default is None else {digest(default): DEFAULT_NAME}
    names: set[str] = set()
    for each in tokens:
        if each.name in names:
            raise ConfigurationError(f"Two tokens have the name {each.name}: names must be unique.")
        names.add(each.name)
        other = owners.setdefault(each.digest, each.name)
        if other != each.name:
            raise ConfigurationError(f"The tokens {other} and {each.name} are the same: each name needs its own token.")
