"""One DAG in detail: its row, and what its serialized form says about its schedule.

From Airflow 2 on, `next_execution` and `next_run_after` are read from `dag.next_dagrun` and
`dag.next_dagrun_create_after`. Where the first is NULL, Airflow plans no further run, and both are None. Computed from
the schedule are

* `next_run_after` where only that is NULL: Airflow before 3.2 empties it while `max_active_runs` runs are active;
* both on Airflow 1.10, which has neither column: they are those of the first tick after the newest run that the
  schedule made. Before the first such run they are None.

Both are None in the built-in database, which has no scheduler.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from dagrun_api.batches.schedules import Schedule, Schedules
from dagrun_api.errors import InvalidTimetable, NotFound, Unavailable
from dagrun_api.model import DagDetail, DagRecord
from dagrun_api.store import Store
from dagrun_api.timetables import RunInfo, Timetable

__all__ = ["detail", "detailed"]

_READINGS = 3
"""How often a DAG is read when Airflow serializes it again meanwhile."""

_NEAREST = 2000
"""Ticks that are looked at: those of a trigger with an interval begin before the date that is looked for."""

_END = datetime.max.replace(tzinfo=UTC)

_UNSERIALIZED = "The DAG has no serialized form: let Airflow parse it first."


async def detail(store: Store, schedules: Schedules, dag_id: str) -> DagDetail:
    """Return a live DAG in detail, without a lock; raises `NotFound`."""
    for _ in range(_READINGS):
        record = await store.dag(dag_id)
        if record is None:
            raise NotFound(f"Dag id {dag_id[:250]} not found")
        if record.serialized_key is None:
            return detailed(record, _UNSERIALIZED)
        try:
            schedule = await schedules.of(record)
        except InvalidTimetable as error:
            return detailed(record, str(error))
        if schedule is not None:
            return detailed(record, schedule)
    raise Unavailable("Airflow keeps changing the schedule of this DAG; repeat the request in a moment.")


def detailed(record: DagRecord, found: Schedule | str) -> DagDetail:
    """Return a DAG in detail from its row, and its schedule or the reason why it cannot be read."""
    schedule = found if isinstance(found, Schedule) else None
    next_execution, next_run_after = _next(record, schedule)
    return DagDetail(
        dag_id=record.dag_id,
        full_path=record.full_path,
        is_paused=record.is_paused,
        is_draining=record.is_draining,
        last_execution=record.last_execution,
        schedule=record.schedule or (schedule.text if schedule else None),
        timezone=schedule.timezone if schedule else None,
        start_date=schedule.start if schedule else None,
        end_date=schedule.end if schedule else None,
        max_active_runs=_first(record.max_active_runs, schedule.max_active_runs if schedule else None),
        active_runs=record.active_runs,
        next_execution=next_execution,
        next_run_after=next_run_after,
        catchup=schedule.catchup if schedule else None,
        owners=record.owners,
        description=record.description,
        has_import_errors=record.has_import_errors,
        unlistable=schedule.timetable.unlistable if schedule else str(found),
    )


def _next(record: DagRecord, schedule: Schedule | None) -> tuple[datetime | None, datetime | None]:
    date, due = record.next_execution, record.next_run_after
    timetable = schedule.timetable if schedule is not None and schedule.timetable.unlistable is None else None
    if date is not None and due is None and timetable is not None:
        tick = _tick(timetable, date)
        return date, tick.run_after if tick is not None and tick.logical_date == date else None
    if date is None and record.last_scheduled is not None and timetable is not None:
        tick = _tick(timetable, record.last_scheduled, is_after=True)
        last = schedule.end if schedule else None
        if tick is not None and (last is None or tick.logical_date <= last):
            return tick.logical_date, tick.run_after
    return date, due


def _tick(timetable: Timetable, date: datetime, *, is_after: bool = False) -> RunInfo | None:
    """Return the first tick whose logical date is not before a date, or is after it."""
    ticks = islice(timetable.between(date, _END), _NEAREST)
    found = (tick for tick in ticks if tick.logical_date > date or (tick.logical_date == date and not is_after))
    return next(found, None)


def _first(one: int | None, other: int | None) -> int | None:
    return one if one is not None else other
