"""Creating the runs of one request: they are planned without a lock, and inserted in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter

from dagrun_api.airflow import rules
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

    Raises `InvalidRequest` for a window beyond the dates of the DAG.
    """

    def __init__(self, request: BatchRequest, selection: Selection, dag: TargetDag, schedule: Schedule) -> None:
        rules.allow_window(selection.start, selection.end, schedule.start, schedule.end)
        self.dag = dag
        self._request = request
        self._selection = selection
        self._schedule = schedule
        self._last_number = 0
        self._has_failed = False
        self._planning = Planning(
            _allowed(selection.stretches(schedule.timetable), schedule.start),
            limit=request.limit,
            now=selection.now,
            left_out=_left_to_the_scheduler(dag),
        )

    @property
    def has_runs(self) -> bool:
        """Whether there are runs to create."""
        return bool(self._planning.dates)

    def fits(self, dag: TargetDag | None) -> bool:
        """Take the DAG as it is now, and tell whether what was planned still fits it.

        Being paused or draining, and import errors, only cause warnings. If they counted, clients who pause and unpause
        a DAG could keep a batch from being created.
        """
        if dag is None:
            return False
        warned_of = {name: getattr(dag, name) for name in ("is_paused", "is_draining", "has_import_errors")}
        planned_for = replace(self.dag, **warned_of)
        self.dag = dag
        return dag == planned_for

    async def plan(self, store: Store) -> None:
        """Plan the runs, or go on with the plan, without a lock; raises `InvalidRequest` with what to send instead."""
        await self._planning.fill(partial(store.taken, self.dag.dag_id))
        plan = self._planning.plan()
        self._last_number = await store.last_number(self.dag.dag_id, self._request.prefix) if plan.ticks else 0
        has_some = self._selection.dates is None and (plan.ticks or plan.skipped)
        if plan.left_out is not None and not has_some:
            raise InvalidRequest(plan.left_out)
        if plan.truncated and not self._request.partial:
            raise InvalidRequest(
                f"The window holds more than {self._request.limit} runs to create, so none was: send partial true for "
                "the earliest, or an earlier end_date."
            )

    async def catch_up(self, store: Store) -> None:
        """Plan again, without a lock, around the dates that others have taken since."""
        self._planning.leave_out(await store.taken(self.dag.dag_id, self._planning.dates))
        await self.plan(store)

    def rehearse(self) -> BatchResult:
        """Return what `insert` would, if nothing has changed since it was planned."""
        return self._result()

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
        if await batch.has_number(prefix, self._last_number + 1):
            self._last_number = await batch.last_number(prefix)
        result = self._result()
        if result.runs:
            # In one order for all: writers that take dates in different orders can deadlock.
            await batch.insert(sorted(result.runs, key=attrgetter("logical_date")), self._request.conf, now)
            counts = {"created": len(result.runs), "skipped": result.skipped}
            await batch.audit(AuditEntry(now, Write.CREATE, actor, self.dag.dag_id, prefix, counts))
        return result

    def _result(self) -> BatchResult:
        plan = self._planning.plan()
        runs = plan.runs(self._request.prefix, self._last_number)
        if self._request.runs is not None:
            runs = _with_conf(runs, self._request.conf, self._request.runs)
        warnings = [*rules.warnings(self.dag, len(runs)), *_warnings(plan), *self._schedule.notes, *plan.notes]
        return BatchResult(runs, plan.skipped, plan.skipped_run_ids, plan.truncated, warnings)


def _allowed(stretches: Iterator[Stretch], first: datetime | None) -> Iterator[Stretch]:
    """Yield the same; raises `InvalidRequest` at a run before the first date of the DAG."""
    for stretch in stretches:
        yield Stretch(_from(first, stretch.runs), stretch.notes)


def _from(first: datetime | None, runs: Iterable[RunInfo]) -> Iterator[RunInfo]:
    for run in runs:
        rules.allow_logical_date(run.logical_date, run.run_after, first)
        yield run


def _left_to_the_scheduler(dag: TargetDag) -> Callable[[RunInfo], str | None] | None:
    """Return what tells why a tick is left to the scheduler of the DAG; None when no tick can be."""
    if not rules.may_be_ahead(dag):
        return None
    return lambda run: None if run.is_manual else rules.ahead(dag, run.logical_date)


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
