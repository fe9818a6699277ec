"""Putting failed runs back into the queue, inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dagrun_api.airflow.statements import Statements
from dagrun_api.model import Prefix, RequeuedRun
from dagrun_api.sqlstore.dialect import Connection

__all__ = ["Wanted", "reopen_backfills", "requeue"]


class Wanted(NamedTuple):
    """Which runs of a batch: the first `limit`, in the order of the DAGs and of their run ids, after a run id."""

    prefix: Prefix
    dag_ids: Sequence[str]
    after: str
    limit: int


async def requeue(
    connection: Connection, sql: Statements, wanted: Wanted, at: datetime, backfill_ids: Sequence[int]
) -> list[RequeuedRun]:
    """Put the failed runs without task instances back into the queue, and open their native backfills again."""
    ids: list[int] = []
    found: list[RequeuedRun] = []
    if backfill_ids:
        # Before the runs, as a batch that joins does.
        await connection.fetch(sql["lock_backfills"], list(backfill_ids))
    after = wanted.after
    for dag_id in wanted.dag_ids:
        rows = await connection.fetch(sql["requeueable"], wanted.prefix, dag_id, after, wanted.limit - len(found))
        for id_, run_id in rows:
            ids.append(id_)
            found.append(RequeuedRun(dag_id, run_id))
        if len(found) == wanted.limit:
            break
        after = ""
    if found:
        await connection.execute(sql["requeue_runs"], ids, at)
    if backfill_ids:
        # Also if nothing was found: an earlier call may have ended between Airflow's clearing and this.
        await connection.execute(sql["reopen_backfills"], list(backfill_ids), at)
    return found


async def reopen_backfills(connection: Connection, sql: Statements, backfill_ids: Sequence[int], at: datetime) -> None:
    """Open native backfills again that have ended, but have an active run."""
    # Of two who change the same backfills in different orders, each may wait for the other.
    await connection.fetch(sql["lock_backfills"], list(backfill_ids))
    await connection.execute(sql["reopen_backfills"], list(backfill_ids), at)
