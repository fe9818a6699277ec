"""Raising the errors of a database driver as errors of this package."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from dagrun_api.errors import DagrunApiError

__all__ = ["Translation"]


class Translation:
    """A context manager that raises errors of the driver as what `meaning` returns, with the original as the cause.

    An error for which `meaning` returns None passes through. This is a class because every read enters it: a generator
    takes a measurable part of the time of a short one.
    """

    __slots__ = ("_meaning",)

    def __init__(self, meaning: Callable[[BaseException], DagrunApiError | None]) -> None:
        self._meaning = meaning

    def __enter__(self) -> None:
        """Do nothing before an error comes."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            meaning = self._meaning(error)
            if meaning is not None:
                raise meaning from error
