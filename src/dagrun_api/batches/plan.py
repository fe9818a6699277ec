"""Planning a batch: ticks, and the dates that have a run already, to the runs to create.

Pure: the plan asks for the dates that it needs to know about, a portion at a time, and is told. So the time and the
memory that it takes are bounded by the limit and by the runs that exist in the window, never by the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

from dagrun_api.airflow import run_ids
from dagrun_api.model import MAX_BATCH, PlannedRun, Prefix

__all__ = ["BatchPlan", "Tick"]

_LARGEST_PORTION = 8192


class Tick(Protocol):
    """When a run is for: what the timetables yield. Every time is UTC."""

    @property
    def logical_date(self) -> datetime: ...

    @property
    def data_interval_start(self) -> datetime: ...

    @property
    def data_interval_end(self) -> datetime: ...

    @property
    def run_after(self) -> datetime: ...


class BatchPlan:
    """The runs to create for some ticks, in their order, up to a limit.

    While `next_dates()` gives dates, tell with `settle()` on which of them there is a run. Then read the outcome. The
    plan ends before the first tick without a run that `forbids` gives a reason for.
    """

    def __init__(
        self, ticks: Iterator[Tick], *, limit: int, now: datetime, forbids: Callable[[Tick], str | None] | None = None
    ) -> None:
        self._ticks = ticks
        self._forbids = forbids
        self._limit = limit
        self._now = now
        self._portion: list[Tick] = []
        self._size = limit + 1
        self._ended = False
        self._planned: dict[datetime, Tick] = {}
        self.skipped = 0
        """Ticks that have a run already."""
        self.skipped_run_ids: list[str] = []
        """Those runs, in order; the first 500."""
        self.truncated = False
        """Whether there are more ticks without a run than the limit."""
        self.collided = 0
        """Ticks with the logical date of an earlier one: Airflow keeps one run a date."""
        self.not_due: Tick | None = None
        """The first tick whose run may not start yet."""
        self.left_out: str | None = None
        """Why the plan ends before a tick without a run; None where it does not."""

    @property
    def ticks(self) -> Sequence[Tick]:
        """The ticks to create runs for."""
        return list(self._planned.values())

    def next_dates(self) -> list[datetime]:
        """Return the logical dates to look up next; none when the plan is complete."""
        self._portion = [] if self._ended else list(islice(self._due(), self._size))
        self._ended = len(self._portion) < self._size
        # Runs that stand in long rows, as after a batch that was repeated, are passed in long strides.
        self._size = min(self._size * 2, _LARGEST_PORTION)
        return [tick.logical_date for tick in self._portion]

    def settle(self, taken: Mapping[datetime, str]) -> None:
        """Take in which of these dates have a run: the date to its run id."""
        for tick in self._portion:
            run_id = taken.get(tick.logical_date)
            if run_id is not None:
                self.skipped += 1
                if len(self.skipped_run_ids) < MAX_BATCH:
                    self.skipped_run_ids.append(run_id)
            elif tick.logical_date in self._planned:
                self.collided += 1
            elif self._forbids is not None and (reason := self._forbids(tick)) is not None:
                self.left_out, self._ended = reason, True
                return
            elif len(self._planned) == self._limit:
                self.truncated = self._ended = True
                return
            else:
                self._planned[tick.logical_date] = tick

    def runs(self, prefix: Prefix, last_number: int) -> list[PlannedRun]:
        """Number the runs, going on from the last number.

        Raises `InvalidRequest` when a run id gets too long.
        """
        ids = run_ids.build(prefix, last_number + 1, list(self._planned))
        return [
            PlannedRun(run_id, tick.logical_date, tick.data_interval_start, tick.data_interval_end, tick.run_after)
            for run_id, tick in zip(ids, self._planned.values(), strict=True)
        ]

    def _due(self) -> Iterator[Tick]:
        for tick in self._ticks:
            if tick.run_after > self._now:
                self.not_due = tick
                return
            yield tick
