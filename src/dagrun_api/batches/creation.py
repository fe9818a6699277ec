"""Creating the runs of a request inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from dagrun_api.airflow import rules
from dagrun_api.batches.plan import Plan, plan_batch
from dagrun_api.batches.schedules import Schedule
from dagrun_api.batches.selection import Selection
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import Actor, AuditEntry, BatchRequest, BatchResult, PlannedRun, RunToCreate, TargetDag, Write
from dagrun_api.store import Batch
from dagrun_api.timetables import RunInfo, Stretch

__all__ = ["create"]


async def create(
    batch: Batch, dag: TargetDag, schedule: Schedule, request: BatchRequest, selection: Selection, actor: Actor
) -> BatchResult:
    """Plan the runs that a request selects and, unless it is a dry run, insert them.

    Raises `InvalidRequest` with what to send instead, or `RunsTaken`: the transaction has to be rolled back then.
    """
    plan = await _plan(batch, dag, schedule, request, selection)
    runs = plan.runs(request.prefix, await batch.last_number(request.prefix)) if plan.ticks else []
    if request.runs is not None:
        runs = _with_conf(runs, request.conf, request.runs)
    if runs and not request.dry_run:
        # In one order for all: writers that take dates in different orders can deadlock.
        await batch.insert(sorted(runs, key=attrgetter("logical_date")), request.conf, selection.now)
        counts = {"created": len(runs), "skipped": plan.skipped}
        await batch.audit(AuditEntry(selection.now, Write.CREATE, actor, request.dag_id, request.prefix, counts))
    warnings = [*rules.warnings(dag, len(runs)), *_warnings(plan), *schedule.notes, *plan.notes]
    return BatchResult(runs, plan.skipped, plan.skipped_run_ids, plan.truncated, warnings)


async def _plan(batch: Batch, dag: TargetDag, schedule: Schedule, request: BatchRequest, selection: Selection) -> Plan:
    rules.allow_window(selection.start, selection.end, schedule.start, schedule.end)
    plan = await plan_batch(
        _allowed(selection.stretches(schedule.timetable), schedule.start),
        batch.taken,
        limit=request.limit,
        now=selection.now,
        left_out=_left_to_the_scheduler(dag),
    )
    has_some = selection.dates is None and (plan.ticks or plan.skipped)
    if plan.left_out is not None and not has_some:
        raise InvalidRequest(plan.left_out)
    if plan.truncated and not request.partial:
        raise InvalidRequest(
            f"The window holds more than {request.limit} runs to create, so none was: send partial true for the "
            "earliest, or an earlier end_date."
        )
    return plan


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
