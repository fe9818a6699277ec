"""The timetables with a fixed step: the first tick is exactly the start of the window, and each step leads to the next.

There is no grid: another start gives other ticks. A relativedelta is applied step by step, so a day that was cut to the
length of a month stays cut: monthly steps from 31 January give 29 February, 29 March, 29 April.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise, takewhile

from dagrun_api.timetables.duration import ZERO, Duration, add, lost_fields
from dagrun_api.timetables.runs import DataInterval, NoTick, Stretch, Timetable, stretch
from dagrun_api.timetables.trigger import Trigger, interval_text

__all__ = ["DeltaDataInterval", "DeltaTrigger"]


@dataclass(frozen=True, slots=True)
class DeltaDataInterval(Timetable):
    """Data intervals of one step each; what a timedelta or relativedelta means up to Airflow 2.11."""

    delta: Duration

    @property
    def summary(self) -> str:
        return f"DeltaDataIntervalTimetable {self.delta}"

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        if start > end:  # as Airflow does: two ends in one zone are compared by their local times
            return
        for opening, closing in pairwise(_steps(start, self.delta)):
            if opening > end:
                return
            yield stretch([opening], [closing])

    def _manual(self, at: datetime) -> DataInterval:
        return DataInterval(add(at, self.delta, minus=True), at)

    def following(self, at: datetime) -> datetime | None:
        return add(at, self.delta)

    def _notes(self) -> tuple[str, ...]:
        return lost_fields(self.delta)


@dataclass(frozen=True, slots=True)
class DeltaTrigger(Trigger):
    """A run at each step, for the `interval` before it; what a timedelta or relativedelta means in Airflow 3."""

    delta: Duration
    interval: Duration = ZERO

    @property
    def summary(self) -> str:
        return f"DeltaTriggerTimetable {self.delta}{interval_text(self.interval)}"

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        # As Airflow does: two ends in one zone are compared by their local times.
        ticks = takewhile(end.__ge__, _steps(start, self.delta)) if start <= end else iter(())
        return self._triggered(([at] for at in ticks), start)

    def following(self, at: datetime) -> datetime | None:
        return add(at, self.delta)

    def _notes(self) -> tuple[str, ...]:
        return lost_fields(self.delta) or lost_fields(self.interval)


def _steps(start: datetime, delta: Duration) -> Iterator[datetime]:
    """Yield the start and each tick after it. Only the first step is taken in the zone of the start."""
    at = start.astimezone(UTC)
    yield at
    following = add(start, delta)
    while following > at:
        at = following
        yield at
        following = add(at, delta)
    raise NoTick(f"The step of {delta} does not lead on from {at}; Airflow repeats that run for ever, 3.3 stops there.")
