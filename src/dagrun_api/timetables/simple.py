"""The timetables without ticks of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dagrun_api.errors import UnlistableTimetable

from .runs import Runs, Ticks, Timetable, runs_of

__all__ = ["Once", "Unlistable"]


@dataclass(frozen=True, slots=True)
class Once(Timetable):
    """`@once`: a single run, which a window places at its start (seen in Airflow 2.11.2, 3.1.8 and 3.3.2)."""

    @property
    def summary(self) -> str:
        return "OnceTimetable"

    @property
    def unlistable(self) -> str:
        return "The DAG runs only once (@once): it has no dates to fill a window with."

    def _runs(self, start: datetime, end: datetime, warnings: list[str]) -> Iterator[Runs]:
        if start <= end:
            at = [start.astimezone(UTC)]
            yield runs_of(at, at)


@dataclass(frozen=True, slots=True)
class Unlistable(Timetable):
    """A schedule whose runs follow from something else than the time; a run by hand has an empty interval."""

    name: str
    reason: str

    @property
    def summary(self) -> str:
        return self.name

    @property
    def unlistable(self) -> str:
        return self.reason

    def between(self, start: datetime, end: datetime) -> Ticks:
        """Raises UnlistableTimetable."""
        raise UnlistableTimetable(self.reason)

    def _runs(self, start: datetime, end: datetime, warnings: list[str]) -> Iterator[Runs]:
        raise UnlistableTimetable(self.reason)
