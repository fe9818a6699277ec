"""From the rows of the statements that count the runs of batches to the progress of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from dagrun_api.airflow.progress import StateCount, progress
from dagrun_api.model import BatchKey, BatchProgress
from dagrun_api.sqlstore.dialect import Dialect, Row

__all__ = ["counted", "progress_of_batches"]


def counted(rows: Iterable[Row], dialect: Dialect) -> list[StateCount]:
    """Return the counts of the statements `progress` and `progress_of_dag`."""
    return [_count(*row, dialect=dialect) for row in rows]


def progress_of_batches(
    rows: Iterable[Row], batches: Sequence[BatchKey], dialect: Dialect
) -> dict[BatchKey, BatchProgress]:
    """Return the progress of those batches that the statement `progress_of_batches` has found runs of."""
    by_batch: defaultdict[BatchKey, list[StateCount]] = defaultdict(list)
    for place, *counts in rows:
        key = batches[int(place) - 1]
        by_batch[key].append(_count(key.dag_id, *counts, dialect=dialect))
    return {key: progress(by_batch[key])[0] for key in batches if key in by_batch}


def _count(
    dag_id: str,
    state: str | None,
    runs: int,
    first: object,
    last: object,
    backfill_id: int | None,
    cancelled: int,
    first_queued: object,
    last_ended: object,
    *,
    dialect: Dialect,
) -> StateCount:
    instant = dialect.instant
    return StateCount(
        dag_id,
        state,
        runs,
        instant(first),
        instant(last),
        backfill_id,
        cancelled,
        instant(first_queued),
        instant(last_ended),
    )
