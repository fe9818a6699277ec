"""New rows of Airflow 3's `backfill` and `backfill_dag_run`: the columns to write in a layout, and their values.

Airflow fills in the defaults of these columns itself, not in the database, so every column is written. What its
releases make of other values was seen with real ones from 3.0.6 to 3.4.0b2: a NULL in `is_paused`, or a word in capital
letters in `reprocess_behavior`, makes its list of backfills answer 500, and so does a `dag_run_conf` that is no object.
Runs without a row in `backfill_dag_run` execute, but neither the pause nor the limit of the backfill holds for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from dagrun_api.airflow.layout import BACKFILL_COLUMNS, Layout
from dagrun_api.airflow.rows import USER
from dagrun_api.model import NativeBackfill, PlannedRun

__all__ = ["USUAL_MAX_ACTIVE_RUNS", "backfill_columns", "backfill_values", "ordinals"]

USUAL_MAX_ACTIVE_RUNS = 10
"""What Airflow's own backfills have if nothing is said."""

_FIRST_ORDINAL = 1
"""Airflow lets only the run with this one pass a task that depends on the past, whatever came before the backfill."""

_LAST_ORDINAL = 2**31 - 1
"""`sort_ordinal` has four bytes. Dates from 2038 on share one, as the oldest do; `run_after` then decides."""


def backfill_columns(layout: Layout) -> tuple[str, ...]:
    """Return the columns of `backfill` that are written: those that exist."""
    return tuple(name for name in BACKFILL_COLUMNS if layout.has("backfill", name))


def backfill_values(
    layout: Layout,
    dag_id: str,
    wanted: NativeBackfill,
    runs: Sequence[PlannedRun],
    conf: Mapping[str, object],
    now: datetime,
) -> list[object]:
    """Return the values of `backfill_columns`, in their order; the runs are ordered by logical date."""
    values: dict[str, object] = {
        "dag_id": dag_id,
        "from_date": runs[0].logical_date,
        "to_date": runs[-1].logical_date,
        "dag_run_conf": orjson.dumps(dict(conf)).decode(),
        "is_paused": False,
        "reprocess_behavior": "none",
        "max_active_runs": wanted.max_active_runs or USUAL_MAX_ACTIVE_RUNS,
        "created_at": now,
        "completed_at": None,
        "updated_at": now,
        "triggering_user_name": USER,
    }
    return [values[name] for name in backfill_columns(layout)]


def ordinals(runs: Sequence[PlannedRun], wanted: NativeBackfill) -> dict[str, int]:
    """Return the `sort_ordinal` of each run by its id: Airflow starts the runs of a backfill in its order.

    It follows from the date alone, so that the runs of several calls are in one order. Runs that go backwards have
    negative ones, and start before those of a call that goes forwards.
    """
    seconds = {run.run_id: int(run.logical_date.timestamp()) for run in runs}
    if wanted.run_backwards:
        return {run_id: -max(min(each, _LAST_ORDINAL), -_LAST_ORDINAL) for run_id, each in seconds.items()}
    forwards = {run_id: min(max(each, _FIRST_ORDINAL + 1), _LAST_ORDINAL) for run_id, each in seconds.items()}
    return forwards if wanted.id is not None else forwards | {runs[0].run_id: _FIRST_ORDINAL}
