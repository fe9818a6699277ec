"""From a row of the statements `dag_detail` and `run_detail` to a DAG and a run."""

from __future__ import annotations

from typing import NamedTuple

from dagrun_api.airflow.conf import decode
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.schedule_text import of_column
from dagrun_api.model import DagRecord, RunDetail
from dagrun_api.sqlstore.dialect import Dialect, Row

__all__ = ["record", "run_detail"]


class _Columns(NamedTuple):
    """The row, column by column. SQLite allows a value of any type in any column."""

    dag_id: object
    full_path: object
    is_paused: object
    is_draining: object
    last_execution: object
    schedule: object
    max_active_runs: object
    active_runs: object
    next_execution: object
    next_run_after: object
    last_scheduled: object
    owners: object
    description: object
    has_import_errors: object
    serialized_key: object


def record(row: Row, dialect: Dialect, layout: Layout) -> DagRecord:
    """Return the DAG of this row."""
    found, instant = _Columns(*row), dialect.instant
    return DagRecord(
        dag_id=str(found.dag_id),
        full_path=_text(found.full_path),
        is_paused=bool(found.is_paused),
        is_draining=bool(found.is_draining),
        last_execution=instant(found.last_execution),
        schedule=of_column(found.schedule),
        max_active_runs=found.max_active_runs if isinstance(found.max_active_runs, int) else None,
        active_runs=found.active_runs if isinstance(found.active_runs, int) else 0,
        next_execution=instant(found.next_execution),
        next_run_after=instant(found.next_run_after),
        last_scheduled=instant(found.last_scheduled),
        owners=_text(found.owners),
        description=_text(found.description),
        has_import_errors=bool(found.has_import_errors),
        serialized_key=_text(found.serialized_key),
        tick_rules=layout.tick_rules,
    )


def run_detail(row: Row, dialect: Dialect) -> RunDetail:
    """Return the run of this row, which begins like that of a list."""
    *listed, interval_start, interval_end, run_after, queued_at, conf = row
    instant = dialect.instant
    return RunDetail(
        **dialect.run(listed)._asdict(),
        data_interval_start=instant(interval_start),
        data_interval_end=instant(interval_end),
        run_after=instant(run_after),
        queued_at=instant(queued_at),
        conf=decode(conf),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
