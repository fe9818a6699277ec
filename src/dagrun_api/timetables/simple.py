"""The timetables without ticks of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dagrun_api.errors import UnlistableTimetable
from dagrun_api.timetables.runs import Stretch, Timetable, stretch

__all__ = ["Once", "Unlistable"]


@dataclass(frozen=True, slots=True)
class Once(Timetable):
    """`@once`: a single run; a window places it at its start (seen in Airflow 2.11.2, 3.1.8 and 3.3.2)."""

    @property
    def summary(self) -> str:
        return "OnceTimetable"

    @property
    def unlistable(self) -> str:
        return "The DAG runs only once (@once): it has no dates to fill a window with."

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        if start <= end:
            at = [start.astimezone(UTC)]
            yield stretch(at, at)


@dataclass(frozen=True, slots=True)
class Unlistable(Timetable):
    """A schedule whose runs do not depend on the time; a manual run has an empty data interval."""

    name: str
    reason: str

    @property
    def summary(self) -> str:
        return self.name

    @property
    def unlistable(self) -> str:
        return self.reason

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """Raise UnlistableTimetable."""
        raise UnlistableTimetable(self.reason)

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        raise UnlistableTimetable(self.reason)
