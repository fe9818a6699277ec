"""The schedule of a DAG between two instants, with the run on each date. It reads only, and takes no lock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dagrun_api.airflow import rules
from dagrun_api.batches.schedules import Schedule, Schedules
from dagrun_api.errors import InvalidRequest, NotFound, Unavailable, UnlistableTimetable
from dagrun_api.model import Tick, TickPage
from dagrun_api.store import Store
from dagrun_api.timetables import RunInfo

__all__ = ["page"]

_READINGS = 3
"""How often a DAG is read when Airflow serializes it again meanwhile."""


async def page(
    store: Store, schedules: Schedules, dag_id: str, start: datetime, end: datetime, *, now: datetime, limit: int
) -> TickPage:
    """Return the first `limit` ticks from `start` to `end`, both inclusive.

    They are those that a batch of this window has or would get a run for, those that are not due included. What lies
    beyond the dates of the DAG is left out. Raises `NotFound`, `InvalidRequest`, or `UnlistableTimetable`.
    """
    if start > end:
        raise InvalidRequest(
            f"start_date {rules.shown(start)} is after end_date {rules.shown(end)} (an absent one means now): send "
            "them in order."
        )
    schedule = await _schedule(store, schedules, dag_id)
    first = start if schedule.start is None else max(start, schedule.start)
    last = end if schedule.end is None else min(end, schedule.end)
    notes: list[str] = list(schedule.notes)
    listed: dict[datetime, RunInfo] = {}
    following: RunInfo | None = None
    for tick in _ticks(schedule, first, last, notes):
        # Airflow keeps one run for each date.
        if tick.logical_date in listed:
            continue
        if len(listed) == limit:
            following = tick
            break
        listed[tick.logical_date] = tick
    runs = await store.runs_on(dag_id, list(listed))
    ticks = [Tick(*tick, tick.run_after <= now, runs.get(date)) for date, tick in listed.items()]
    return TickPage(ticks, end, None if following is None else _start_at(following, schedule, last), notes)


async def _schedule(store: Store, schedules: Schedules, dag_id: str) -> Schedule:
    for _ in range(_READINGS):
        dag = await store.target_dag(dag_id)
        if dag is None:
            raise NotFound(f"Dag id {dag_id[:250]} not found")
        rules.allow_serialized(dag)
        rules.allow_unpartitioned(dag)
        schedule = await schedules.of(dag)
        if schedule is not None:
            if schedule.timetable.unlistable is not None:
                raise UnlistableTimetable(schedule.timetable.unlistable)
            return schedule
    raise Unavailable("Airflow keeps changing the schedule of this DAG; repeat the request in a moment.")


def _ticks(schedule: Schedule, first: datetime, last: datetime, notes: list[str]) -> Iterator[RunInfo]:
    """Yield the ticks of a window, and add what the timetable says on the way to the notes."""
    if first > last:
        return
    for stretch in schedule.timetable.stretches(first, last):
        notes += stretch.notes
        for tick in stretch.runs:
            # The dates of a trigger with an interval lie before its ticks.
            if schedule.start is None or tick.logical_date >= schedule.start:
                yield tick


def _start_at(tick: RunInfo, schedule: Schedule, last: datetime) -> datetime:
    """Return the start of the window whose first tick this is: some timetables compare it with `run_after`."""
    for start in (tick.logical_date, tick.run_after):
        if start <= last and next(schedule.timetable.between(start, last), None) == tick:
            return start
    return tick.logical_date
