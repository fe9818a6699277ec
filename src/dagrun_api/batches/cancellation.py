"""Cancelling a batch, in portions: one transaction over a million runs would hold their rows for half a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dagrun_api.airflow.progress import total
from dagrun_api.errors import OutcomeUnknown, Unavailable
from dagrun_api.model import MAX_BATCH, AuditEntry, BatchProgress, Cancellation, CancelledRun, Prefix
from dagrun_api.store import Store

__all__ = ["PATIENCE", "PORTION", "cancel"]

PORTION = 10_000
"""Runs that are cancelled in one transaction; PostgreSQL takes about 0.3 seconds for them."""

PATIENCE = 5.0
"""Seconds after which a call answers how far it came, instead of going on."""


async def cancel(store: Store, prefix: Prefix, parts: Sequence[BatchProgress], entry: AuditEntry) -> Cancellation:
    """End the runs of a batch that have not started, given its progress in each DAG.

    Raises `WritesRefused`, or `Unavailable` if nothing was cancelled; after the first portion, `OutcomeUnknown`.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    dag_ids, after = [part.dag_id for part in parts if part.dag_id is not None], ""
    backfill_ids = [part.backfill.id for part in parts if part.backfill is not None]
    cancelled, first = 0, list[CancelledRun]()
    truncated = False
    try:
        while True:
            portion = await store.cancel(prefix, dag_ids, entry, after=after, limit=PORTION, backfill_ids=backfill_ids)
            cancelled += len(portion)
            first += portion[: MAX_BATCH - len(first)]
            if len(portion) < PORTION:
                break
            # The runs before the last one are not looked at again.
            dag_id, after = portion[-1]
            dag_ids = dag_ids[dag_ids.index(dag_id) :]
            if loop.time() >= end:
                truncated = True
                break
        whole = total(await store.progress(prefix, parts[0].dag_id if len(parts) == 1 else None))
    except Unavailable as error:
        if cancelled == 0:
            raise
        raise OutcomeUnknown(
            f"{cancelled} runs were cancelled before the database failed; repeat the request: it goes on from there."
        ) from error
    ended = max(whole.ended - cancelled, 0)
    return Cancellation(cancelled, whole.total - whole.ended, ended, truncated, [run.run_id for run in first])
