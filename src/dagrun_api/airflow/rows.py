"""A new row of `dag_run`: the columns to write in a layout, and their values.

This was tested with real schedulers from 1.10.15 to 3.4.0b2. Each optional column is written if it exists. These
columns are left out on purpose:

* `dag_hash` (2.x) and `bundle_version` (3.x): if they have a value, the scheduler assumes that the task instances of
  the run exist already, and ends the run as a success without running a task;
* `context_carrier` (3.x): any value but NULL or Airflow's own encoding ends the scheduler process;
* `start_date` of a queued run, `creating_job_id`, `last_scheduling_decision`, `partition_*`: the scheduler sets them.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

import orjson

from dagrun_api.airflow.layout import Generation, Layout
from dagrun_api.model import RunType, TargetDag, TickRules

__all__ = ["USER", "DagRow", "requeued_columns", "run_columns", "shared_columns", "shared_values"]

USER = "dagrun-api"
"""Takes the place of the Airflow user who asked for a run or a backfill."""

_TRIGGERED_BY = {RunType.MANUAL: "REST_API", RunType.BACKFILL: "BACKFILL"}
"""Members of an enum of Airflow 3: any other word ends the scheduler process."""


class DagRow(NamedTuple):
    """The row that the statement `target_dag` returns, column by column."""

    dag_id: str
    is_paused: object
    is_draining: object
    has_import_errors: object
    max_active_runs: object
    is_asset_gated: object
    is_partitioned: object
    allowed_run_types: object
    serialized_key: object
    dag_version_id: object
    log_template_id: object
    head: object
    last_scheduled: object
    next_scheduled: object
    next_dagrun: object

    def target(self, layout: Layout) -> TargetDag:
        """Return the DAG as the service uses it."""
        return TargetDag(
            dag_id=self.dag_id,
            is_paused=bool(self.is_paused),
            is_draining=bool(self.is_draining),
            has_import_errors=bool(self.has_import_errors),
            max_active_runs=self.max_active_runs if isinstance(self.max_active_runs, int) else None,
            # Before Airflow 3, the scheduler never starts a backfill run that it did not create itself. The built-in
            # database has no schedule that its ordinary runs could hold back.
            batch_run_type=RunType.BACKFILL if layout.generation is Generation.AIRFLOW_3 else RunType.MANUAL,
            has_backfills=layout.has_backfills,
            may_starve_backfills=layout.generation is Generation.AIRFLOW_3
            and layout.tick_rules is not TickRules.SINCE_3_4,
            is_asset_gated=bool(self.is_asset_gated),
            is_partitioned=bool(self.is_partitioned),
            allowed_run_types=_run_types(self.allowed_run_types),
            serialized_key=str(self.serialized_key) if self.serialized_key is not None else None,
            is_queueing=layout.has("dag_run", "queued_at"),
            tick_rules=layout.tick_rules,
            is_overtaken_never=layout.generation is Generation.AIRFLOW_1,
            last_scheduled=self.last_scheduled if isinstance(self.last_scheduled, datetime) else None,
            next_scheduled=self.next_scheduled if isinstance(self.next_scheduled, datetime) else None,
            next_dagrun=self.next_dagrun
            if isinstance(self.next_dagrun, datetime) and layout.generation is Generation.AIRFLOW_3
            else None,
        )


def run_columns(layout: Layout) -> dict[str, str]:
    """Return the columns that differ from run to run, each with the attribute of `PlannedRun` that fills it."""
    wanted = {
        "run_id": "run_id",
        layout.date_column: "logical_date",
        "data_interval_start": "data_interval_start",
        "data_interval_end": "data_interval_end",
        "run_after": "run_after",
        "conf": "conf",
    }
    return {column: attribute for column, attribute in wanted.items() if layout.has("dag_run", column)}


def shared_columns(layout: Layout) -> tuple[str, ...]:
    """Return the columns that have the same value in all runs of a batch."""
    wanted = (
        "dag_id",
        "state",
        "start_date",
        "queued_at",
        "run_type",
        "external_trigger",
        "triggered_by",
        "triggering_user_name",
        "backfill_id",
        "log_template_id",
        "created_dag_version_id",
        "clear_number",
        "span_status",
        "created_at",
        "updated_at",
    )
    # Airflow before 2.1 ignores queued runs, so a new run is running at once and needs its start date.
    unset = "start_date" if layout.has("dag_run", "queued_at") else "queued_at"
    return tuple(name for name in wanted if name != unset and layout.has("dag_run", name))


def shared_values(
    layout: Layout, row: DagRow, now: datetime, run_type: RunType, backfill_id: int | None
) -> list[object]:
    """Return the values of `shared_columns`, in their order, for runs of the DAG of this row.

    No run is of the type `scheduled`: that rewinds the schedule on 2.7 to 3.1.
    """
    values: dict[str, object] = {
        "dag_id": row.dag_id,
        "state": "queued" if layout.has("dag_run", "queued_at") else "running",
        "start_date": now,
        "queued_at": now,
        "run_type": run_type.value,
        "external_trigger": True,
        "triggered_by": _TRIGGERED_BY[run_type],
        "triggering_user_name": USER,
        "backfill_id": backfill_id,
        "log_template_id": row.log_template_id,
        "created_dag_version_id": row.dag_version_id,
        "clear_number": 0,
        "span_status": "not_started",
        "created_at": now,
        "updated_at": now,
    }
    return [values[name] for name in shared_columns(layout)]


def requeued_columns(layout: Layout) -> dict[str, str | None]:
    """Return the columns that put a failed run without task instances back into the queue: SQL, or None for that time.

    It is then as a new run. Airflow measures the timeout of a run from its start date, so the old one must go.
    """
    if layout.has("dag_run", "queued_at"):
        values = {"state": "'queued'", "queued_at": None, "start_date": "NULL", "end_date": "NULL"}
    else:
        values = {"state": "'running'", "start_date": None, "end_date": "NULL"}
    return values | ({"updated_at": None} if layout.has("dag_run", "updated_at") else {})


def _run_types(value: object) -> tuple[str, ...] | None:
    # JSON: null or a list of names.
    try:
        names = orjson.loads(value) if isinstance(value, str | bytes) else value
    except orjson.JSONDecodeError:
        return None
    return tuple(str(name) for name in cast("list[object]", names)) if isinstance(names, list) else None
