"""One request to create runs, carried out inside a transaction that the service opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dagrun_api.airflow import rules
from dagrun_api.batch import BatchPlan, Tick
from dagrun_api.errors import InvalidRequest, UnlistableTimetable
from dagrun_api.model import BatchRequest, BatchResult, TargetDag
from dagrun_api.schedules import Schedule
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
                f"start_date {rules.shown(self._start)} is after end_date {rules.shown(self._end)} "
                "(an absent one means now): send them in order."
            )
        if self._start == self._end > now:
            raise InvalidRequest(
                f"{rules.shown(self._start)} lies in the future: only runs that are due can be created."
            )

    async def run(self, batch: Batch, dag: TargetDag, schedule: Schedule) -> BatchResult:
        """Plan the runs and, unless it is a dry run, insert them; raises `InvalidRequest` or `RunsTaken`."""
        request = self._request
        rules.allow_window(self._start, self._end, schedule.start, schedule.end)
        ticks = self._ticks(schedule)
        plan = BatchPlan(self._allowed(ticks, dag, schedule), limit=request.limit, now=self._now)
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
        warnings = [
            *rules.warnings(dag, len(runs)),
            *_warnings(plan),
            *schedule.notes,
            *(ticks.warnings if isinstance(ticks, Ticks) else ()),
        ]
        return BatchResult([run.run_id for run in runs], plan.skipped, plan.skipped_run_ids, plan.truncated, warnings)

    def _ticks(self, schedule: Schedule) -> Iterator[RunInfo]:
        timetable = schedule.timetable
        if self._start != self._end:
            if timetable.unlistable is not None:
                raise UnlistableTimetable(
                    f"{timetable.unlistable} For a manual run leave both dates out, or send the same one twice."
                )
            return timetable.between(self._start, self._end)
        if not self._is_trigger and timetable.unlistable is None:
            ticks = timetable.between(self._start, self._start)
            if (tick := next(ticks, None)) is not None:
                return iter([tick])
        interval = timetable.infer_manual(self._start)
        return iter([RunInfo(self._start, interval.start, interval.end, self._now)])

    def _allowed(self, ticks: Iterator[RunInfo], dag: TargetDag, schedule: Schedule) -> Iterator[Tick]:
        has_ticks = schedule.timetable.unlistable is None
        for tick in ticks:
            rules.allow_logical_date(tick.logical_date, tick.run_after, schedule.start)
            if has_ticks and not self._is_trigger:
                rules.allow_reached(dag, tick.logical_date)
            yield tick


def _warnings(plan: BatchPlan) -> Iterator[str]:
    if plan.not_due is not None:
        yield f"Ticks from {rules.shown(plan.not_due.logical_date)} on are not due yet; no run was created for them."
    if plan.collided:
        yield f"{plan.collided} ticks have the logical date of another; Airflow keeps one run a date."
