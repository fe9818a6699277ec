"""A portion of the runs of a batch, locked in a transaction that changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dagrun_api.airflow.statements import Statements
from dagrun_api.model import Prefix
from dagrun_api.sqlstore.dialect import Connection

__all__ = ["LockedRun", "Wanted", "locked"]


class Wanted(NamedTuple):
    """Which runs of a batch: the first `limit`, in the order of the DAGs and of their run ids, after a run id."""

    prefix: Prefix
    dag_ids: Sequence[str]
    after: str
    limit: int


class LockedRun(NamedTuple):
    """A run that no other transaction can change."""

    id: int
    dag_id: str
    run_id: str


async def locked(
    connection: Connection, sql: Statements, name: str, wanted: Wanted, backfill_ids: Sequence[int]
) -> list[LockedRun]:
    """Lock the native backfills, then the runs that the statement of this name finds, and return these."""
    if backfill_ids:
        # Before the runs, as a batch that joins does. Its runs are then seen, too.
        await connection.fetch(sql["lock_backfills"], list(backfill_ids))
    found: list[LockedRun] = []
    after = wanted.after
    for dag_id in wanted.dag_ids:
        rows = await connection.fetch(sql[name], wanted.prefix, dag_id, after, wanted.limit - len(found))
        found += [LockedRun(id_, dag_id, run_id) for id_, run_id in rows]
        if len(found) == wanted.limit:
            break
        after = ""
    return found
