"""The rights of a caller: may they write, and which DAGs may they access. Nothing here knows HTTP or a database."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Protocol, TypeVar, cast

from dagrun_api.errors import Forbidden

__all__ = ["ALL_DAGS", "EVERYBODY", "Rights", "are_patterns"]

ALL_DAGS = ("*",)
"""The patterns that match every DAG."""

_LONGEST_NAME = 250


class OfDag(Protocol):
    """Anything that belongs to a DAG."""

    @property
    def dag_id(self) -> str | None: ...


T = TypeVar("T", bound=OfDag)


def are_patterns(patterns: object) -> bool:
    """Tell whether this is a list or tuple of strings."""
    # A single string is a sequence of strings too, and a * among its letters would match every DAG.
    return isinstance(patterns, tuple | list) and all(isinstance(each, str) for each in cast("list[object]", patterns))


@dataclass(frozen=True)
class Rights:
    """A caller's name, and what they may do: the holder of a token, or a user of the host application.

    Raises ValueError for a name that is not safe to log, and for patterns that are not a tuple of strings.
    """

    name: str | None = None
    """None for an anonymous caller, where no token is required."""
    may_write: bool = True
    """Whether the caller may create and cancel runs and pause DAGs, or only read."""
    dags: tuple[str, ...] = ALL_DAGS
    """Case-sensitive shell patterns of the DAGs that the caller may access; empty for no DAG at all."""
    kind: str = "token"
    """What error messages call the caller; a host application may set `user`."""

    def __post_init__(self) -> None:
        if self.name is not None and not (self.name.isprintable() and 0 < len(self.name) <= _LONGEST_NAME):
            raise ValueError(f"name must be 1 to {_LONGEST_NAME} printable characters")
        if not are_patterns(self.dags):
            raise ValueError("dags must be a tuple of patterns, such as ('etl_*', 'other')")

    @cached_property
    def is_for_all(self) -> bool:
        """Whether the caller may access every DAG."""
        return "*" in self.dags

    def covers(self, dag_id: str | None) -> bool:
        """Tell whether the caller may access this DAG; None means a row without a DAG, which needs access to all."""
        return self.is_for_all or (dag_id is not None and any(fnmatchcase(dag_id, each) for each in self.dags))

    def visible(self, found: list[T]) -> list[T]:
        """Return the items whose DAG the caller may access."""
        return found if self.is_for_all else [each for each in found if self.covers(each.dag_id)]

    def require_write(self) -> None:
        """Raise `Forbidden` unless the caller may create and cancel runs and pause DAGs."""
        if not self.may_write:
            raise Forbidden(
                f"{self._who} may only read: use one with access = write for every POST, dry runs included."
            )

    def require_dag(self, dag_id: str | None) -> None:
        """Raise `Forbidden` unless the caller may access this DAG (None: every DAG)."""
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
"""The rights of every caller where no token is set: all of them."""
