"""Who asks, and what he may do; tokens with names and limits. Nothing here knows HTTP or a database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from typing import Protocol, TypeVar, cast

from dagrun_api.errors import ConfigurationError, Forbidden
from dagrun_api.options import TOKEN, Option, choice

__all__ = ["ALL_DAGS", "DEFAULT_NAME", "EVERYBODY", "AccessToken", "Rights", "digest", "refuse_twins"]

ALL_DAGS = ("*",)
"""The patterns of a token that is for every DAG."""

DEFAULT_NAME = "default"
"""The name of the token that is set without one."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
_LONGEST_NAME = 250
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}", re.ASCII)
_ACCESS = Option("access", "write", choice("read", "write"), "")
_TOKEN = Option("token", None, TOKEN, "")


class OfDag(Protocol):
    """Whatever belongs to a DAG."""

    @property
    def dag_id(self) -> str | None: ...


T = TypeVar("T", bound=OfDag)


def _are_words(patterns: object) -> bool:
    # The letters of a lone string would be patterns, too, and the * in it would be every DAG.
    return isinstance(patterns, tuple | list) and all(isinstance(each, str) for each in cast("list[object]", patterns))


@dataclass(frozen=True)
class Rights:
    """Who asks, by the name of the token, and what that token allows; or the same of a user of the host's.

    Raises ValueError for a name that no log should have to show, and for patterns that are no list of words.
    """

    name: str | None = None
    """None where no token is needed, so that nobody has one."""
    may_write: bool = True
    """Whether he may create runs, cancel them and pause DAGs, or only read."""
    dags: tuple[str, ...] = ALL_DAGS
    """Shell patterns, case-sensitive, of the DAGs that it is for; none for no DAG at all."""
    kind: str = "token"
    """What is called by the name, in refusals: a host may call it `user`."""

    def __post_init__(self) -> None:
        if self.name is not None and not (self.name.isprintable() and 0 < len(self.name) <= _LONGEST_NAME):
            raise ValueError(f"the name of who asks has to be 1 to {_LONGEST_NAME} printable characters")
        if not _are_words(self.dags):
            raise ValueError("dags has to be a tuple of patterns, such as ('etl_*', 'other')")

    @cached_property
    def is_for_all(self) -> bool:
        """Whether no DAG is beyond it."""
        return "*" in self.dags

    def covers(self, dag_id: str | None) -> bool:
        """Tell whether it is for this DAG; what has no DAG is only for who may see all of them."""
        return self.is_for_all or (dag_id is not None and any(fnmatchcase(dag_id, each) for each in self.dags))

    def visible(self, found: list[T]) -> list[T]:
        """Return what of this belongs to DAGs that it is for."""
        return found if self.is_for_all else [each for each in found if self.covers(each.dag_id)]

    def require_write(self) -> None:
        """Raise `Forbidden` unless it may create runs, cancel them and pause DAGs."""
        if not self.may_write:
            raise Forbidden(
                f"{self._who} may only read: use one with access = write for every POST, dry runs included, "
                "since they lock the DAG."
            )

    def require_dag(self, dag_id: str | None) -> None:
        """Raise `Forbidden` unless it is for this DAG (None: for each DAG that there is)."""
        if self.covers(dag_id):
            return
        if dag_id is None:
            raise Forbidden(f"{self._who} is for the DAGs {self._shown} only: add ?dag_id= to name one.")
        raise Forbidden(
            f"{self._who} is for the DAGs {self._shown} only, not for {ascii(dag_id)[:80]}: "
            f"name one of them, or use another {self.kind}."
        )

    @property
    def _who(self) -> str:
        return f"The {self.kind} {self.name}" if self.name is not None else f"This {self.kind}"

    @property
    def _shown(self) -> str:
        return ", ".join(self.dags) or "(none)"


EVERYBODY = Rights()
"""Who asks where no token is set: he may do everything."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AccessToken:
    """A token under a name, given as it is or as the SHA-256 digest of it; raises ConfigurationError for a bad one."""

    name: str
    token: str | None = None
    sha256: str | None = None
    """64 hexadecimal digits."""
    access: str = "write"
    """Or `read`."""
    dags: tuple[str, ...] = ALL_DAGS
    """Shell patterns, case-sensitive, of the DAGs that it is for."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == DEFAULT_NAME:
            raise ConfigurationError(
                f"The name of a token must be 1 to 64 letters, digits and . _ @ -, and not {DEFAULT_NAME}, which is "
                f"the one of airflow_api_auth; it is {self.name[:80]!r}."
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
            or not _are_words(self.dags)
            or not all(each.isprintable() and each and " " not in each for each in self.dags)
        ):
            raise ConfigurationError(
                f"dags{where} must be the ids of DAGs or shell patterns such as etl_*, separated by commas; "
                "leave it out for all DAGs."
            )

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of what a client sends."""
        return bytes.fromhex(self.sha256) if self.sha256 is not None else digest(self.token or "")

    @property
    def rights(self) -> Rights:
        """What its holder may do."""
        return Rights(self.name, self.access == "write", self.dags)

    def __repr__(self) -> str:
        return f"AccessToken(name={self.name!r}, token='***', access={self.access!r}, dags={self.dags!r})"


def digest(token: str) -> bytes:
    """Return the SHA-256 digest of a token as it was set, or as a header carried it."""
    # aiohttp keeps bytes of a header that are not UTF-8 as surrogates.
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def refuse_twins(tokens: Iterable[AccessToken], default: str | None) -> None:
    """Raise ConfigurationError when two names are the same, or one token stands under two names."""
    owners = {} if default is None else {digest(default): DEFAULT_NAME}
    names: set[str] = set()
    for each in tokens:
        if each.name in names:
            raise ConfigurationError(f"Two tokens have the name {each.name}: give each its own.")
        names.add(each.name)
        other = owners.setdefault(each.digest, each.name)
        if other != each.name:
            raise ConfigurationError(f"The tokens {other} and {each.name} are the same: give each its own.")
