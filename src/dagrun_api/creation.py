"""One request to create runs, carried out inside a transaction that the service opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dagrun_api.airflow.rows import RUN_TYPE
from dagrun_api.batch import BatchPlan, Tick
from dagrun_api.errors import InvalidRequest, UnlistableTimetable
from dagrun_api.model import BatchRequest, BatchResult, TargetDag
from dagrun_api.schedules import Schedule, no_serialized_form
from dagrun_api.store import Batch
from dagrun_api.timetables import RunInfo, Ticks

__all__ = ["Creation"]


class Creation:
    """A request with its window settled; everything that can be refused without a database is refused here.

    `prefix` is a checked one, `now` the moment of the request.
    """

    def __init__(self, request: BatchRequest, now: datetime, prefix: str) -> None:
        self._request = request
        self._now = now
        self._prefix = prefix
        self._is_trigger = request.start_date is None and request.end_date is None
        self._start = request.start_date or now
        self._end = request.end_date or now
        if self._start > self._end:
            raise InvalidRequest(
                f"start_date {_shown(self._start)} is after end_date {_shown(self._end)} "
                "(an absent one means now): send them in order."
            )
        if self._start == self._end > now:
            raise InvalidRequest(f"{_shown(self._start)} lies in the future: only runs that are due can be created.")

    def check(self, dag: TargetDag) -> None:
        """Raise `InvalidRequest` when runs of this DAG must not be created, whatever the dates."""
        if dag.serialized_key is None:
            raise InvalidRequest(no_serialized_form(dag.dag_id))
        if dag.is_partitioned:
            raise InvalidRequest(
                f"Dag id {dag.dag_id} is partitioned: its runs stand for partition keys, not for dates."
            )
        if dag.allowed_run_types is not None and RUN_TYPE not in dag.allowed_run_types:
            raise InvalidRequest(
                f"Dag id {dag.dag_id} allows no {RUN_TYPE} runs, only: {', '.join(dag.allowed_run_types) or 'none'}."
            )

    async def run(self, batch: Batch, dag: TargetDag, schedule: Schedule) -> BatchResult:
        """Plan the runs and, unless it is a dry run, insert them; raises `InvalidRequest` or `RunsTaken`."""
        request = self._request
        self._check_bounds(schedule)
        ticks = self._ticks(schedule)
        plan = BatchPlan(self._within(ticks, schedule), limit=request.limit, now=self._now)
        while dates := plan.next_dates():
            plan.settle(await batch.taken(dates))
        if plan.truncated and not request.partial:
            raise InvalidRequest(
                f"The window holds more than {request.limit} runs to create, so none was: send partial true for the "
                "earliest, or an earlier end_date."
            )
        runs = plan.runs(self._prefix, await batch.last_number(self._prefix)) if plan.ticks else []
        if runs and not request.dry_run:
            # In one order for all: writers that take dates in different orders wait for each other for ever.
            await batch.insert(sorted(runs, key=lambda run: run.logical_date), request.conf, self._now)
        warnings = [*_warnings(dag, plan), *(ticks.warnings if isinstance(ticks, Ticks) else ())]
        return BatchResult([run.run_id for run in runs], plan.skipped, plan.skipped_run_ids, plan.truncated, warnings)

    def _check_bounds(self, schedule: Schedule) -> None:
        # Airflow ends a run outside of these as a success, without having run a task.
        if schedule.start is not None and self._start < schedule.start:
            raise InvalidRequest(
                f"{_shown(self._start)} is before the start_date of the DAG, {_shown(schedule.start)}: Airflow would "
                "run no task."
            )
        if schedule.end is not None and self._end > schedule.end:
            raise InvalidRequest(
                f"{_shown(self._end)} is after the end_date of the DAG, {_shown(schedule.end)}: Airflow would run no "
                "task; send an end_date."
            )

    def _ticks(self, schedule: Schedule) -> Iterator[RunInfo]:
        timetable = schedule.timetable
        if self._start != self._end:
            if timetable.unlistable is not None:
                raise UnlistableTimetable(timetable.unlistable)
            return timetable.between(self._start, self._end)
        if not self._is_trigger and timetable.unlistable is None:
            ticks = timetable.between(self._start, self._start)
            if (tick := next(ticks, None)) is not None:
                return iter([tick])
        interval = timetable.infer_manual(self._start)
        return iter([RunInfo(self._start, interval.start, interval.end, self._now)])

    def _within(self, ticks: Iterator[Tick], schedule: Schedule) -> Iterator[Tick]:
        # A trigger with an interval has logical dates before its ticks, so the window does not bound them.
        for tick in ticks:
            if schedule.start is not None and tick.logical_date < schedule.start:
                raise InvalidRequest(
                    f"The run of {_shown(tick.run_after)} has the logical date {_shown(tick.logical_date)}, before the "
                    f"start_date of the DAG, {_shown(schedule.start)}: send a later start_date."
                )
            yield tick


def _warnings(dag: TargetDag, plan: BatchPlan) -> Iterator[str]:
    count = len(plan.ticks)
    if dag.is_paused:
        yield f"Dag id {dag.dag_id} is paused: its runs stay queued until it is unpaused."
    if dag.has_import_errors:
        yield f"The file of dag id {dag.dag_id} has import errors: its runs may not be what you expect."
    if dag.max_active_runs is not None and count > dag.max_active_runs:
        yield (
            f"{count} runs are more than max_active_runs ({dag.max_active_runs}): Airflow works them off a few at a "
            "time, and creates no scheduled run of this DAG meanwhile."
        )
    if plan.not_due is not None:
        yield f"Ticks from {_shown(plan.not_due.logical_date)} on are not due yet; no run was created for them."
    if plan.collided:
        yield f"{plan.collided} ticks have the logical date of another; Airflow keeps one run a date."


def _shown(instant: datetime) -> str:
    return f"{instant.replace(tzinfo=None).isoformat()}Z"
