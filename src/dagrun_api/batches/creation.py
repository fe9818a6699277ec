"""Creating the runs of one request: they are planned without a lock, and inserted in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter

from dagrun_api.airflow import rules
from dagrun_api.batches.kind import Kind
from dagrun_api.batches.plan import Plan, Planning
from dagrun_api.batches.schedules import Schedule
from dagrun_api.batches.selection import Selection
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import Actor, AuditEntry, BatchRequest, BatchResult, PlannedRun, RunToCreate, TargetDag, Write
from dagrun_api.store import Batch, Store
from dagrun_api.timetables import RunInfo, Stretch

__all__ = ["Creation"]

_UNDER_LOCK = 4096
"""Ticks that are looked up while the DAG's row is locked, if other writers have taken dates; takes about 20 ms."""


class Creation:
    """The runs that a request selects in the schedule of a DAG, as this DAG was read.

    Raises `InvalidRequest` for a window beyond the dates of the DAG, and for a native backfill that it cannot have.
    """

    def __init__(self, request: BatchRequest, selection: Selection, dag: TargetDag, schedule: Schedule) -> None:
        rules.allow_window(selection.start, selection.end, schedule.start, schedule.end)
        selection = selection.up_to(schedule.end)
        self.dag = dag
        self._request = request
        self._selection = selection
        self._schedule = schedule
        stretches = selection.stretches(schedule.timetable)
        self._kind = Kind(request, dag, schedule, is_single=selection.is_manual(schedule.timetable))
        self._last_number = 0
        self._has_failed = False
        self._planning = Planning(
            _allowed(stretches, schedule.start),
            limit=request.limit,
            now=selection.now,
            left_out=self._left_out if schedule.catchup or rules.may_be_ahead(dag) else None,
        )

    @property
    def has_runs(self) -> bool:
        """Whether there are runs to create."""
        return bool(self._planning.dates)

    async def fits(self, batch: Batch) -> bool:
        """Take the DAG and the batch as they are now, and tell whether what was planned still fits them.

        Being paused or draining, and import errors, only cause warnings. If they counted, clients who pause and unpause
        a DAG could keep a batch from being created. How far a schedule has come matters only if it catches up.
        """
        dag, prefix = batch.dag, self._request.prefix
        if dag is None:
            return False
        names = ["is_paused", "is_draining", "has_import_errors", *([] if self._schedule.catchup else ["next_dagrun"])]
        planned_for = replace(self.dag, **{name: getattr(dag, name) for name in names})
        self.dag = dag
        if dag != planned_for:
            return False
        if not await batch.has_number(prefix, self._last_number + 1):
            return True
        last = await batch.last_run(prefix)
        self._last_number = last.number
        return self._kind.fits(last)

    async def plan(self, store: Store) -> None:
        """Plan the runs, without a lock; raises `InvalidRequest` with what to send instead, and `Conflict`."""
        last = await store.last_run(self.dag.dag_id, self._request.prefix)
        self._last_number = last.number
        await self._kind.look(store, self.dag, last)
        await self._fill(store)

    async def catch_up(self, store: Store) -> bool:
        """Go on with the plan, without a lock, around the dates that others have taken since.

        Returns whether it still fits the batch; raises `InvalidRequest` with what to send instead.
        """
        last = await store.last_run(self.dag.dag_id, self._request.prefix)
        self._last_number = last.number
        if not self._kind.fits(last):
            return False
        self._planning.leave_out(await store.taken(self.dag.dag_id, self._planning.dates))
        await self._fill(store)
        return True

    def rehearse(self) -> BatchResult:
        """Return what `insert` would, if nothing has changed since it was planned."""
        return self._result()

    async def set_limit(self, store: Store, actor: Actor) -> None:
        """Give the native backfill the limit of the request, also if there are no runs to create."""
        backfill = self._result().backfill
        if backfill is not None and backfill.max_active_runs is not None and self._kind.changes_limit:
            counts = {"created": 0, "max_active_runs": backfill.max_active_runs}
            entry = AuditEntry(
                self._selection.now,
                Write.CREATE_BACKFILL,
                actor,
                self.dag.dag_id,
                self._request.prefix,
                counts,
                (backfill.id,),
            )
            await store.limit_backfill(backfill.id, backfill.max_active_runs, entry)

    async def insert(self, batch: Batch, actor: Actor) -> BatchResult | None:
        """Insert the planned runs or, when this has failed before, those whose dates are free and others for the rest.

        Returns None when so many dates were taken that the plan has to go on without the lock. Raises `RunsTaken` when
        another writer has taken a date since it was planned: roll the transaction back, and call this in another one.
        """
        # The statement that inserts the runs notices a date that is taken, so looking first would be work done twice.
        if self._has_failed:
            self._planning.leave_out(await batch.taken(self._planning.dates))
            if not await self._planning.fill(batch.taken, at_most=_UNDER_LOCK):
                return None
        self._has_failed = True
        now, prefix = self._selection.now, self._request.prefix
        result, native = self._result(), self._kind.native
        if result.runs:
            # In one order for all: writers that take dates in different orders can deadlock.
            runs = sorted(result.runs, key=attrgetter("logical_date"))
            backfill_id = await batch.insert(runs, self._request.conf, now, run_type=result.run_type, backfill=native)
            write, ids = (Write.CREATE, ()) if backfill_id is None else (Write.CREATE_BACKFILL, (backfill_id,))
            counts = {"created": len(runs), "skipped": result.skipped}
            await batch.audit(AuditEntry(now, write, actor, self.dag.dag_id, prefix, counts, ids))
            result = replace(result, backfill=self._kind.backfill(backfill_id))
        return result

    async def _fill(self, store: Store) -> None:
        await self._planning.fill(partial(store.taken, self.dag.dag_id))
        plan = self._planning.plan()
        has_some = self._selection.dates is None and (plan.ticks or plan.skipped)
        if plan.left_out is not None and not has_some:
            raise InvalidRequest(plan.left_out)
        if plan.truncated and not self._request.partial:
            raise InvalidRequest(
                f"The window holds more than {self._request.limit} runs to create, so none was: send partial true for "
                "the earliest, or an earlier end_date."
            )

    def _result(self) -> BatchResult:
        plan = self._planning.plan()
        runs = plan.runs(self._request.prefix, self._last_number)
        if self._request.runs is not None:
            runs = _with_conf(runs, self._request.conf, self._request.runs)
        dates = [run.logical_date for run in runs]
        warnings = [*self._kind.warnings(self.dag, dates), *_warnings(plan), *self._schedule.notes, *plan.notes]
        return BatchResult(
            runs,
            plan.skipped,
            plan.skipped_run_ids,
            plan.truncated,
            warnings,
            run_type=self._kind.run_type(self.dag, dates),
            backfill=self._kind.backfill(has_runs=bool(runs)),
        )

    def _left_out(self, run: RunInfo) -> str | None:
        """Return why a run is left to the scheduler of the DAG; None when it may be created."""
        reason = self._kind.left_to_the_schedule(self.dag, run.logical_date)
        return reason if reason is not None or run.is_manual else rules.ahead(self.dag, run.logical_date)


def _allowed(stretches: Iterator[Stretch], first: datetime | None) -> Iterator[Stretch]:
    """Yield the same; raises `InvalidRequest` at a run before the first date of the DAG."""
    for stretch in stretches:
        yield Stretch(_from(first, stretch.runs), stretch.notes)


def _from(first: datetime | None, runs: Iterable[RunInfo]) -> Iterator[RunInfo]:
    for run in runs:
        rules.allow_logical_date(run.logical_date, run.run_after, first)
        yield run


def _with_conf(
    runs: Sequence[PlannedRun], common: Mapping[str, object], listed: Sequence[RunToCreate]
) -> list[PlannedRun]:
    """Give each run the common conf, with the conf of its own date over it."""
    own = {each.execution_date: {**common, **each.conf} for each in listed if each.conf}
    return [run._replace(conf=own.get(run.logical_date)) for run in runs]


def _warnings(plan: Plan) -> Iterator[str]:
    if plan.left_out is not None:
        yield plan.left_out
    elif plan.not_due is not None:
        yield f"Ticks from {rules.shown(plan.not_due.logical_date)} on are not due yet; no run was created for them."
    if plan.collided:
        yield f"{plan.collided} ticks have the logical date of another; Airflow keeps one run for each date."
