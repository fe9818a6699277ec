"""Planning a batch: from ticks, and the dates that already have a run, to the runs to create.

Pure: the plan asks for the dates that it needs to know about, a portion at a time. So the time and the memory that it
takes are bounded by the limit and by the runs that exist in the window, never by the window.

A plan is made without any lock, which may take a while. If another writer turns out to have taken some of its dates
meanwhile, it leaves them out and goes on from where it ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple

from dagrun_api.airflow import run_ids
from dagrun_api.model import MAX_BATCH, PlannedRun, Prefix
from dagrun_api.timetables import RunInfo, Stretch

__all__ = ["Plan", "Planning"]

_LARGEST_PORTION = 8192

Taken = Callable[[Sequence[datetime]], Awaitable[Mapping[datetime, str]]]
"""Tells which of these logical dates have a run: the date -> its run id."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which ticks get a run, and what became of the others."""

    ticks: tuple[RunInfo, ...]
    """The ticks to create runs for, in their order."""
    skipped: int
    """Ticks that already have a run."""
    skipped_run_ids: list[str]
    """The ids of those runs, in order; the first 500."""
    truncated: bool
    """Whether there are more ticks without a run than the limit."""
    collided: int
    """Ticks with the logical date of an earlier one: Airflow keeps one run for each date."""
    not_due: RunInfo | None
    """The first tick whose run may not start yet."""
    left_out: str | None
    """Why the plan ends before a tick without a run; None if it does not."""
    notes: list[str]
    """What the timetable says about the ticks."""

    def runs(self, prefix: Prefix, last_number: int) -> list[PlannedRun]:
        """Return the runs with their ids, numbered from the one after `last_number`.

        Raises `InvalidRequest` when a run id gets too long.
        """
        ids = run_ids.build(prefix, last_number + 1, [tick.logical_date for tick in self.ticks])
        return [PlannedRun(run_id, *tick) for run_id, tick in zip(ids, self.ticks, strict=True)]


class _Skipped(NamedTuple):
    date: datetime
    run_id: str


class Planning:
    """A plan that is being made for the first `limit` ticks that are due at `now` and have no run.

    It ends before the first such tick that `left_out` gives a reason for.
    """

    def __init__(
        self,
        stretches: Iterator[Stretch],
        *,
        limit: int,
        now: datetime,
        left_out: Callable[[RunInfo], str | None] | None = None,
    ) -> None:
        self._limit = limit
        self._reason = left_out
        self._notes: list[str] = []
        self._not_due: RunInfo | None = None
        self._ticks = self._due(stretches, now)
        self._portion = limit + 1
        self._planned: dict[datetime, RunInfo] = {}
        self._skipped = 0
        self._skipped_runs: list[_Skipped] = []
        self._collided = 0
        self._left_out: str | None = None
        self._truncated = False

    @property
    def dates(self) -> list[datetime]:
        """The logical dates that are to get a run."""
        return list(self._planned)

    async def fill(self, taken: Taken, *, at_most: int | None = None) -> bool:
        """Take up further ticks, at most so many; return whether the plan is complete. Passes on errors of `taken`."""
        seen = 0
        while not self._truncated and self._left_out is None:
            size = self._portion if at_most is None else min(self._portion, at_most - seen)
            if size == 0:
                return False
            ticks = list(islice(self._ticks, size))
            if not ticks:
                return True
            seen += len(ticks)
            self._take_up(ticks, await taken([tick.logical_date for tick in ticks]))
            # A repeated batch meets a long row of existing runs, so the portions grow.
            self._portion = min(self._portion * 2, _LARGEST_PORTION)
        return True

    def leave_out(self, taken: Mapping[datetime, str]) -> None:
        """Leave out dates that have got a run since they were planned; `fill` then finds others in their place."""
        if not taken:
            return
        for date in taken:
            del self._planned[date]
        self._skipped += len(taken)
        self._skipped_runs = sorted([*self._skipped_runs, *map(_Skipped._make, taken.items())])[:MAX_BATCH]
        self._truncated = False

    def plan(self) -> Plan:
        """Return the plan as it is now."""
        return Plan(
            tuple(self._planned.values()),
            self._skipped,
            [run.run_id for run in self._skipped_runs],
            self._truncated,
            self._collided,
            self._not_due,
            self._left_out,
            self._notes,
        )

    def _due(self, stretches: Iterator[Stretch], now: datetime) -> Iterator[RunInfo]:
        for stretch in stretches:
            self._notes += stretch.notes
            for tick in stretch.runs:
                if tick.run_after > now:
                    self._not_due = tick
                    return
                yield tick

    def _take_up(self, ticks: Sequence[RunInfo], taken: Mapping[datetime, str]) -> None:
        for place, tick in enumerate(ticks):
            run_id = taken.get(tick.logical_date)
            if run_id is not None:
                self._skipped += 1
                if len(self._skipped_runs) < MAX_BATCH:
                    self._skipped_runs.append(_Skipped(tick.logical_date, run_id))
            elif tick.logical_date in self._planned:
                self._collided += 1
            elif self._reason is not None and (reason := self._reason(tick)) is not None:
                self._left_out = reason
                return
            elif len(self._planned) == self._limit:
                self._truncated = True
                self._ticks = chain(ticks[place:], self._ticks)
                return
            else:
                self._planned[tick.logical_date] = tick
