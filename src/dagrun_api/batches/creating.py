"""Creating a batch: it is planned, inserted, and planned again when Airflow or another writer was in between."""

from __future__ import annotations

from dagrun_api.airflow import rules
from dagrun_api.batches import privileges
from dagrun_api.batches.creation import Creation
from dagrun_api.batches.schedules import Schedules
from dagrun_api.batches.selection import Selection
from dagrun_api.errors import (
    BackfillGone,
    InvalidRequest,
    Locked,
    RunsTaken,
    SchemaMismatch,
    Unavailable,
)
from dagrun_api.model import Actor, BatchRequest, BatchResult
from dagrun_api.store import Store

__all__ = ["create"]

_ATTEMPTS = 6
"""How often a batch is inserted when other writers take its dates meanwhile."""

_READINGS = 5
"""How often a batch is planned when the DAG, the tables or the backfill to join change meanwhile."""


async def create(
    store: Store, schedules: Schedules, request: BatchRequest, selection: Selection, actor: Actor
) -> BatchResult:
    """Create the runs that a request selects, all or none; the errors are those of `Service.create_batch`."""
    async with privileges.named(store):
        return await _create(store, schedules, request, selection, actor)


async def _create(
    store: Store, schedules: Schedules, request: BatchRequest, selection: Selection, actor: Actor
) -> BatchResult:
    failure: SchemaMismatch | BackfillGone | None = None
    for _ in range(_READINGS):
        try:
            creation = await _planned(store, schedules, request, selection)
            if creation is not None:
                if request.dry_run and request.max_active_runs is not None:
                    await privileges.require(store)
                if request.dry_run or not creation.has_runs:
                    return creation.rehearse()
                result = await _inserted(store, creation, actor)
                if result is not None:
                    return result
        except (SchemaMismatch, BackfillGone) as error:
            failure = error
    raise failure or Unavailable("Airflow keeps changing the schedule of this DAG; repeat the request in a moment.")


async def _planned(store: Store, schedules: Schedules, request: BatchRequest, selection: Selection) -> Creation | None:
    """Plan a batch without a lock; None when the DAG changes meanwhile."""
    dag = await store.target_dag(request.dag_id)
    if dag is None:
        raise InvalidRequest(f"Dag id {request.dag_id[:250]} not found")
    rules.allow_dag(dag)
    schedule = await schedules.of(dag)
    if schedule is None:
        return None
    creation = Creation(request, selection, dag, schedule)
    await creation.plan(store)
    return creation


async def _inserted(store: Store, creation: Creation, actor: Actor) -> BatchResult | None:
    """Insert what was planned, in one transaction; None when it no longer fits the DAG or the batch."""
    failure: RunsTaken | None = None
    # The turn is kept while the plan goes on: in a crowd, others would take its new dates as well.
    async with store.turn(creation.dag.dag_id) as has_waited:
        if has_waited and not await creation.catch_up(store):
            return None
        for _ in range(_ATTEMPTS):
            try:
                async with store.batch(creation.dag.dag_id) as batch:
                    if not await creation.fits(batch):
                        return None
                    result = await creation.insert(batch, actor)
            except RunsTaken as error:
                failure = error
            else:
                if result is not None:
                    return result
                if not await creation.catch_up(store):
                    return None
    raise Locked("Other writers keep taking the dates of this batch; repeat the request later.") from failure
