"""Planning a batch: from ticks, and the dates that already have a run, to the runs to create.

Pure: the plan asks for the dates that it needs to know about, a portion at a time. So the time and the memory that it
takes are bounded by the limit and by the runs that exist in the window, never by the window.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dagrun_api.airflow import run_ids
from dagrun_api.model import MAX_BATCH, PlannedRun, Prefix
from dagrun_api.timetables import RunInfo, Stretch

__all__ = ["Plan", "plan_batch"]

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


async def plan_batch(
    stretches: Iterator[Stretch],
    taken: Taken,
    *,
    limit: int,
    now: datetime,
    left_out: Callable[[RunInfo], str | None] | None = None,
) -> Plan:
    """Plan runs for the first `limit` ticks that are due at `now` and have no run.

    The plan ends before the first such tick that `left_out` gives a reason for. What `taken` raises is passed on.
    """
    draft = _Draft(limit, left_out)
    notes: list[str] = []
    not_due: RunInfo | None = None
    for portion in _portions(stretches, now, limit + 1):
        notes += portion.notes
        not_due = portion.not_due
        if not portion.ticks or draft.ends_with(
            portion.ticks, await taken([run.logical_date for run in portion.ticks])
        ):
            break
    return Plan(
        tuple(draft.planned.values()),
        draft.skipped,
        draft.skipped_run_ids,
        draft.truncated,
        draft.collided,
        not_due,
        draft.left_out,
        notes,
    )


class _Portion(NamedTuple):
    """Some ticks that are due, to look up at once."""

    ticks: list[RunInfo]
    notes: list[str]
    not_due: RunInfo | None = None
    """The tick after them, where they end because it is not due."""


def _portions(stretches: Iterator[Stretch], now: datetime, size: int) -> Iterator[_Portion]:
    """Yield the due ticks in portions, the first of this size."""
    ticks: list[RunInfo] = []
    notes: list[str] = []
    for stretch in stretches:
        notes += stretch.notes
        for tick in stretch.runs:
            if tick.run_after > now:
                yield _Portion(ticks, notes, tick)
                return
            ticks.append(tick)
            if len(ticks) == size:
                yield _Portion(ticks, notes)
                ticks, notes = [], []
                # A repeated batch meets a long row of existing runs, so the portions grow.
                size = min(size * 2, _LARGEST_PORTION)
    yield _Portion(ticks, notes)


class _Draft:
    """A plan that is being made."""

    def __init__(self, limit: int, left_out: Callable[[RunInfo], str | None] | None) -> None:
        self._limit = limit
        self._reason = left_out
        self.planned: dict[datetime, RunInfo] = {}
        self.skipped = 0
        self.skipped_run_ids: list[str] = []
        self.truncated = False
        self.collided = 0
        self.left_out: str | None = None

    def ends_with(self, ticks: Sequence[RunInfo], taken: Mapping[datetime, str]) -> bool:
        """Add the next ticks, of which some have a run; return whether the plan is complete."""
        for tick in ticks:
            run_id = taken.get(tick.logical_date)
            if run_id is not None:
                self.skipped += 1
                if len(self.skipped_run_ids) < MAX_BATCH:
                    self.skipped_run_ids.append(run_id)
            elif tick.logical_date in self.planned:
                self.collided += 1
            elif self._reason is not None and (reason := self._reason(tick)) is not None:
                self.left_out = reason
                return True
            elif len(self.planned) == self._limit:
                self.truncated = True
                return True
            else:
                self.planned[tick.logical_date] = tick
        return False
