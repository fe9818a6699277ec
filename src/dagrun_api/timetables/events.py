"""EventsTimetable: a run at each of a list of moments."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dagrun_api.timetables.runs import DataInterval, Stretch, Timetable, stretch

__all__ = ["Events"]


@dataclass(frozen=True, slots=True)
class Events(Timetable):
    """Runs at listed moments, sorted and in UTC; a moment is the date of its run and both ends of its interval."""

    dates: tuple[datetime, ...]
    restrict_to_events: bool = False

    @property
    def summary(self) -> str:
        return f"EventsTimetable of {len(self.dates)} events"

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        dates = self.dates[bisect_left(self.dates, start) : bisect_right(self.dates, end)]
        yield stretch(dates, dates)

    def _manual(self, at: datetime) -> DataInterval:
        """Return the moment itself; with `restrict_to_events` the latest event, or the first if all are later."""
        if self.restrict_to_events and self.dates:
            at = self.dates[max(bisect_right(self.dates, at) - 1, 0)]
        return DataInterval(at, at)
