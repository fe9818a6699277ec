"""Which dates a request is about, settled before any database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dagrun_api.airflow import rules
from dagrun_api.errors import InvalidRequest, UnlistableTimetable
from dagrun_api.model import BatchRequest
from dagrun_api.timetables import RunInfo, Stretch, Timetable

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """A window of the schedule, single dates, or this moment; every time is UTC."""

    start: datetime
    end: datetime
    now: datetime
    """The moment of the request."""
    dates: tuple[datetime, ...] | None = None
    """The dates that were listed, in order; None for a window or a single date."""
    is_now: bool = False
    """Whether it is a manual run at this moment, whatever the schedule says."""

    @classmethod
    def of(cls, request: BatchRequest, now: datetime) -> Selection:
        """Return what a request selects; raises `InvalidRequest`."""
        if request.runs is not None:
            dates = tuple(sorted(run.execution_date for run in request.runs))
            if len(set(dates)) < len(dates):
                raise InvalidRequest("runs names an execution_date twice: Airflow keeps one run for each date.")
            selection = cls(dates[0], dates[-1], now, dates)
        else:
            is_now = request.start_date is None and request.end_date is None
            selection = cls(request.start_date or now, request.end_date or now, now, is_now=is_now)
        selection._check()
        return selection

    def stretches(self, timetable: Timetable) -> Iterator[Stretch]:
        """Yield the ticks and manual runs of the selection in a timetable, in order.

        Raises `UnlistableTimetable` for a window over a timetable without ticks, and `InvalidRequest` for a date
        whose run is not due.
        """
        if self.dates is not None:
            return iter([Stretch([self._listed(date, timetable) for date in self.dates])])
        if self.start == self.end:
            return iter([Stretch([self._single(self.start, timetable)])])
        if timetable.unlistable is not None:
            raise UnlistableTimetable(
                f"{timetable.unlistable} For a manual run leave both dates out, or send the same date and time twice."
            )
        return timetable.stretches(self.start, self.end)

    def up_to(self, last: datetime | None) -> Selection:
        """Return the same, but ending with the DAG where both end on one day."""
        if self.dates is not None or last is None or self.end <= last or not rules.is_day_of(self.end, last):
            return self
        # A window without any length would be a single date.
        return replace(self, end=max(last, self.start + timedelta(microseconds=1)))

    def is_manual(self, timetable: Timetable) -> bool:
        """Return whether it is one manual run, and no part of the schedule."""
        is_single = self.dates is None and self.start == self.end
        return is_single and self._single(self.start, timetable).is_manual

    def _check(self) -> None:
        if self.start > self.end:
            raise InvalidRequest(
                f"start_date {rules.shown(self.start)} is after end_date {rules.shown(self.end)} "
                "(an absent one means now): send them in order."
            )
        is_window = self.dates is None and self.start < self.end
        if self.end > self.now and not is_window:
            raise InvalidRequest(f"{rules.shown(self.end)} lies in the future: only runs that are due can be created.")

    def _listed(self, date: datetime, timetable: Timetable) -> RunInfo:
        run = self._single(date, timetable)
        if run.run_after > self.now:
            raise InvalidRequest(
                f"The run of {rules.shown(date)} is not due before {rules.shown(run.run_after)}: leave it out."
            )
        # The tick of a trigger with an interval has an earlier logical date; the one that was asked for counts.
        return run if run.logical_date == date else timetable.manual_run(date, self.now)

    def _single(self, date: datetime, timetable: Timetable) -> RunInfo:
        """Return the tick at a date if there is one, else a manual run."""
        if not self.is_now and timetable.unlistable is None:
            tick = next(timetable.between(date, date), None)
            if tick is not None:
                return tick
        return timetable.manual_run(date, self.now)
