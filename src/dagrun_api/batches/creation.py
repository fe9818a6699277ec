"""One request to create runs, carried out inside a transaction that the service opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from dagrun_api.airflow import rules
from dagrun_api.batches.plan import BatchPlan, Tick
from dagrun_api.batches.schedules import Schedule
from dagrun_api.errors import InvalidRequest, UnlistableTimetable
from dagrun_api.model import NOBODY, Actor, AuditEntry, BatchRequest, BatchResult, PlannedRun, TargetDag, Write
from dagrun_api.store import Batch
from dagrun_api.timetables import RunInfo, Ticks, Timetable

__all__ = ["Creation"]


class Creation:
    """A request with its window settled; everything that can be refused without a database is refused here.

    `now` is the moment of the request, `actor` who sent it.
    """

    def __init__(self, request: BatchRequest, now: datetime, actor: Actor = NOBODY) -> None:
        self._request = request
        self._actor = actor
        self._now = now
        self._prefix = request.prefix
        self._is_trigger = request.runs is None and request.start_date is None and request.end_date is None
        self._confs = {wish.execution_date: wish.conf for wish in request.runs or () if wish.conf}
        self._instants = sorted(wish.execution_date for wish in request.runs) if request.runs is not None else None
        self._start = self._instants[0] if self._instants else request.start_date or now
        self._end = self._instants[-1] if self._instants else request.end_date or now
        self._manual: set[datetime] = set()
        self._check_dates(now)

    def _check_dates(self, now: datetime) -> None:
        if self._instants is not None and len(set(self._instants)) < len(self._instants):
            raise InvalidRequest("runs names an execution_date twice: Airflow keeps one run a date.")
        if self._start > self._end:
            raise InvalidRequest(
                f"start_date {rules.shown(self._start)} is after end_date {rules.shown(self._end)} "
                "(an absent one means now): send them in order."
            )
        if (self._instants is not None or self._start == self._end) and self._end > now:
            raise InvalidRequest(f"{rules.shown(self._end)} lies in the future: only runs that are due can be created.")

    async def run(self, batch: Batch, dag: TargetDag, schedule: Schedule) -> BatchResult:
        """Plan the runs and, unless it is a dry run, insert them; raises `InvalidRequest` or `RunsTaken`."""
        request = self._request
        rules.allow_window(self._start, self._end, schedule.start, schedule.end)
        ticks = self._ticks(schedule)
        allowed = self._allowed(ticks, schedule)
        forbids = partial(self._ahead, dag) if rules.may_be_ahead(dag) else None
        plan = BatchPlan(allowed, limit=request.limit, now=self._now, forbids=forbids)
        while dates := plan.next_dates():
            plan.settle(await batch.taken(dates))
        if plan.left_out is not None and (self._instants is not None or not (plan.ticks or plan.skipped)):
            raise InvalidRequest(plan.left_out)
        if plan.truncated and not request.partial:
            raise InvalidRequest(
                f"The window holds more than {request.limit} runs to create, so none was: send partial true for the "
                "earliest, or an earlier end_date."
            )
        runs = plan.runs(self._prefix, await batch.last_number(self._prefix)) if plan.ticks else []
        if self._confs:
            runs = [self._with_conf(run) for run in runs]
        if runs and not request.dry_run:
            # In one order for all: writers that take dates in different orders wait for each other for ever.
            await batch.insert(sorted(runs, key=lambda run: run.logical_date), request.conf, self._now)
            counts = {"created": len(runs), "skipped": plan.skipped}
            entry = AuditEntry(self._now, Write.CREATE, self._actor, request.dag_id, self._prefix, counts)
            await batch.audit(entry)
        warnings = [
            *rules.warnings(dag, len(runs)),
            *_warnings(plan),
            *schedule.notes,
            *(ticks.warnings if isinstance(ticks, Ticks) else ()),
        ]
        return BatchResult(runs, plan.skipped, plan.skipped_run_ids, plan.truncated, warnings)

    def _with_conf(self, run: PlannedRun) -> PlannedRun:
        own = self._confs.get(run.logical_date)
        return run._replace(conf={**self._request.conf, **own}) if own else run

    def _ticks(self, schedule: Schedule) -> Iterator[RunInfo]:
        timetable = schedule.timetable
        if self._instants is not None:
            return (self._listed(instant, timetable) for instant in self._instants)
        if self._start != self._end:
            if timetable.unlistable is not None:
                raise UnlistableTimetable(
                    f"{timetable.unlistable} For a manual run leave both dates out, or send the same one twice."
                )
            return timetable.between(self._start, self._end)
        return iter([self._at(self._start, timetable)])

    def _listed(self, instant: datetime, timetable: Timetable) -> RunInfo:
        tick = self._at(instant, timetable)
        if tick.run_after > self._now:
            raise InvalidRequest(
                f"The run of {rules.shown(instant)} is not due before {rules.shown(tick.run_after)}: leave it out."
            )
        # The tick of a trigger with an interval has an earlier logical date; the one that was asked for counts.
        return tick if tick.logical_date == instant else self._by_hand(instant, timetable)

    def _at(self, instant: datetime, timetable: Timetable) -> RunInfo:
        """The tick at an instant, or else a manual run at it."""
        if not self._is_trigger and timetable.unlistable is None:
            tick = next(timetable.between(instant, instant), None)
            if tick is not None:
                return tick
        return self._by_hand(instant, timetable)

    def _by_hand(self, instant: datetime, timetable: Timetable) -> RunInfo:
        self._manual.add(instant)
        interval = timetable.infer_manual(instant)
        return RunInfo(instant, interval.start, interval.end, self._now)

    def _allowed(self, ticks: Iterator[RunInfo], schedule: Schedule) -> Iterator[Tick]:
        for tick in ticks:
            rules.allow_logical_date(tick.logical_date, tick.run_after, schedule.start)
            yield tick

    def _ahead(self, dag: TargetDag, tick: Tick) -> str | None:
        return None if tick.logical_date in self._manual else rules.ahead(dag, tick.logical_date)


def _warnings(plan: BatchPlan) -> Iterator[str]:
    if plan.left_out is not None:
        yield plan.left_out
    if plan.not_due is not None and plan.left_out is None:
        yield f"Ticks from {rules.shown(plan.not_due.logical_date)} on are not due yet; no run was created for them."
    if plan.collided:
        yield f"{plan.collided} ticks have the logical date of another; Airflow keeps one run a date."
