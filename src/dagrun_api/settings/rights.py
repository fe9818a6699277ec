"""Who asks, and what they may do. Nothing here knows HTTP or a database."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Protocol, TypeVar, cast

from dagrun_api.errors import Forbidden

__all__ = ["ALL_DAGS", "EVERYBODY", "Rights", "are_patterns"]

ALL_DAGS = ("*",)
"""The patterns that cover every DAG."""

_LONGEST_NAME = 250


class OfDag(Protocol):
    """Whatever belongs to a DAG."""

    @property
    def dag_id(self) -> str | None: ...


T = TypeVar("T", bound=OfDag)


def are_patterns(patterns: object) -> bool:
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
        if not are_patterns(self.dags):
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
