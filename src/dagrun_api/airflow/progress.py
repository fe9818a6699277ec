"""The progress of a batch, computed from the counts by DAG and state that the database returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from dagrun_api.model import Backfill, BatchProgress

__all__ = ["StateCount", "progress", "total"]


class StateCount(NamedTuple):
    """A row of the statements `progress` and `progress_of_dag`."""

    dag_id: str
    state: str | None
    runs: int
    first: datetime | None
    last: datetime | None
    backfill_id: int | None = None
    cancelled: int = 0
    first_queued: datetime | None = None
    last_ended: datetime | None = None


def progress(rows: Iterable[StateCount]) -> list[BatchProgress]:
    """Return the progress in each DAG, in the order of the rows."""
    by_dag: defaultdict[str, list[StateCount]] = defaultdict(list)
    for row in rows:
        by_dag[row.dag_id].append(row)
    return [_one(dag_id, counts) for dag_id, counts in by_dag.items()]


def total(parts: Sequence[BatchProgress]) -> BatchProgress:
    """Return the progress in all DAGs together."""
    rows: list[StateCount] = []
    for part in parts:
        for state, count in part.states.items():
            dates = (part.first_execution, part.last_execution)
            times = (part.first_queued, part.last_ended)
            rows.append(StateCount("", state, count, *dates, None, 0, *times))
    return replace(
        _one(None, rows),
        cancelled=sum(part.cancelled for part in parts),
        backfill=parts[0].backfill if len(parts) == 1 else None,
    )


def _one(dag_id: str | None, rows: Iterable[StateCount]) -> BatchProgress:
    states: defaultdict[str, int] = defaultdict(int)
    dates: list[datetime] = []
    backfill_id = cancelled = 0
    queued: list[datetime] = []
    ended: list[datetime] = []
    for row in rows:
        states[row.state or "None"] += row.runs
        cancelled += row.cancelled
        queued += [row.first_queued] if row.first_queued is not None else []
        ended += [row.last_ended] if row.last_ended is not None else []
        dates += [date for date in (row.first, row.last) if date is not None]
        backfill_id = max(backfill_id, row.backfill_id or 0)
    return BatchProgress(
        dag_id,
        dict(sorted(states.items())),
        min(dates, default=None),
        max(dates, default=None),
        Backfill(backfill_id) if backfill_id else None,
        cancelled,
        min(queued, default=None),
        max(ended, default=None),
    )
