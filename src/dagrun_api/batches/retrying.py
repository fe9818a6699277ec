"""Retrying a batch: the database puts back the runs without tasks, and Airflow's own API clears the others.

No transaction is open while Airflow is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dagrun_api.airflow.clears import ClearApi, clear_api
from dagrun_api.airflow.progress import total
from dagrun_api.batches.retry_warnings import NO_CLEARING, no_api, retry_warnings
from dagrun_api.clearing import Clearing
from dagrun_api.errors import OutcomeUnknown, Unavailable
from dagrun_api.model import (
    MAX_BATCH,
    AuditEntry,
    BatchProgress,
    Cleared,
    FailedRun,
    Prefix,
    Retry,
)
from dagrun_api.store import Store

__all__ = ["PATIENCE", "PORTION", "retry"]

PORTION = 10_000
"""Runs that are put back in one transaction, as many as are cancelled in one."""

PATIENCE = 5.0
"""Seconds after which no further transaction begins."""


class _Batch(NamedTuple):
    """The parts of a batch that are retried."""

    prefix: Prefix
    dag_ids: list[str]
    backfill_ids: list[int]


@dataclass(frozen=True, slots=True)
class _Requeued:
    """The runs that are back in the queue, or would be."""

    count: int
    first: list[str]
    others: list[FailedRun]
    """The first runs that are not, some more than Airflow is asked to clear at once."""
    is_cut_short: bool
    """Whether time ran out before every run was looked at."""


async def retry(
    store: Store,
    clearing: Clearing | None,
    prefix: Prefix,
    parts: Sequence[BatchProgress],
    entry: AuditEntry,
    *,
    dry_run: bool,
) -> Retry:
    """Retry the failed runs of a batch, given its progress in each DAG; `clearing` is None if Airflow is not asked.

    Raises `WritesRefused`, or `Unavailable` if nothing was put back; later, `OutcomeUnknown`.
    """
    batch = _Batch(
        prefix,
        [part.dag_id for part in parts if part.dag_id is not None],
        [part.backfill.id for part in parts if part.backfill is not None],
    )
    requeued = await (_rehearsed(store, batch) if dry_run else _requeued(store, batch, entry))
    try:
        airflow = (await store.describe()).airflow
        api = clear_api(airflow)
        started = [] if requeued.is_cut_short else [run for run in requeued.others if not run.is_requeueable]
        obstacle = no_api(airflow) if api is None else NO_CLEARING if clearing is None else None
        cleared = Cleared([])
        failed = total(parts).states.get("failed", 0) - requeued.count
        if not dry_run:
            failed = await _failed(store, batch)
        if started and clearing is not None and api is not None:
            wanted = started[:MAX_BATCH]
            cleared = Cleared(wanted) if dry_run else await _cleared(store, clearing, api, batch, wanted, entry)
    except Unavailable as error:
        if dry_run or requeued.count == 0:
            raise
        raise OutcomeUnknown(
            f"{requeued.count} runs were put back into the queue before the database failed; repeat the request."
        ) from error
    is_more = len(started) > MAX_BATCH or cleared.untried > 0
    back = set(cleared.runs)
    return Retry(
        requeued=requeued.count,
        cleared=len(cleared.runs),
        left=max(failed - len(cleared.runs), 0),
        # Otherwise a client that goes on until nothing is cut short might never end.
        truncated=requeued.is_cut_short or (is_more and len(cleared.runs) > 0),
        requeued_run_ids=requeued.first,
        cleared_run_ids=[run.run_id for run in cleared.runs],
        left_run_ids=[run.run_id for run in requeued.others if run not in back][:MAX_BATCH],
        warnings=retry_warnings(
            cleared,
            obstacle=obstacle if started else None,
            api=api,
            is_stuck=is_more and obstacle is None and not cleared.runs,
            locked=0 if requeued.is_cut_short else sum(run.is_requeueable for run in requeued.others),
            is_paused=requeued.count + len(cleared.runs) > 0 and any(map(_stays_paused, parts)),
        ),
    )


async def _requeued(store: Store, batch: _Batch, entry: AuditEntry) -> _Requeued:
    """Put the runs without task instances back into the queue, in portions."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    prefix, dag_ids, backfill_ids = batch
    count, first, after = 0, list[str](), ""
    is_cut_short = False
    try:
        while True:
            found = await store.requeue(prefix, dag_ids, entry, after=after, limit=PORTION, backfill_ids=backfill_ids)
            count += len(found)
            first += [run.run_id for run in found[: MAX_BATCH - len(first)]]
            if len(found) < PORTION:
                break
            # The runs before the last one are not looked at again.
            dag_id, after = found[-1]
            dag_ids = dag_ids[dag_ids.index(dag_id) :]
            if loop.time() >= end:
                is_cut_short = True
                break
        others = await store.failed(prefix, batch.dag_ids, after="", limit=2 * MAX_BATCH)
    except Unavailable as error:
        if count == 0:
            raise
        raise OutcomeUnknown(
            f"{count} runs were put back into the queue before the database failed; repeat the request: it goes on "
            "from there."
        ) from error
    return _Requeued(count, first, others, is_cut_short)


async def _rehearsed(store: Store, batch: _Batch) -> _Requeued:
    """Return what `_requeued` would; it only reads."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    prefix, dag_ids, _ = batch
    count, first, others, after = 0, list[str](), list[FailedRun](), ""
    while True:
        found = await store.failed(prefix, dag_ids, after=after, limit=PORTION)
        back = [run.run_id for run in found if run.is_requeueable]
        count += len(back)
        first += back[: MAX_BATCH - len(first)]
        others += [run for run in found if not run.is_requeueable][: 2 * MAX_BATCH - len(others)]
        if len(found) < PORTION:
            return _Requeued(count, first, others, is_cut_short=False)
        if loop.time() >= end:
            return _Requeued(count, first, others, is_cut_short=True)
        dag_id, after = found[-1].dag_id, found[-1].run_id
        dag_ids = dag_ids[dag_ids.index(dag_id) :]


def _stays_paused(part: BatchProgress) -> bool:
    # One that has ended is open again, and paused no longer.
    return part.backfill is not None and part.backfill.is_paused is True and not part.backfill.has_ended


async def _failed(store: Store, batch: _Batch) -> int:
    """Return how many runs are failed still."""
    parts = await store.progress(batch.prefix, batch.dag_ids[0] if len(batch.dag_ids) == 1 else None)
    return total(parts).states.get("failed", 0)


async def _cleared(
    store: Store, clearing: Clearing, api: ClearApi, batch: _Batch, runs: Sequence[FailedRun], entry: AuditEntry
) -> Cleared:
    """Let Airflow clear runs; their native backfills are open again."""
    cleared = await clearing.clear(runs, api)
    if batch.backfill_ids:
        # Also if no run is known to be cleared: Airflow may have done it without an answer.
        try:
            await store.reopen_backfills(batch.backfill_ids, entry.at)
        except Unavailable as error:
            raise OutcomeUnknown(
                f"Airflow cleared {len(cleared.runs)} runs before the database failed; repeat the request."
            ) from error
    return cleared
