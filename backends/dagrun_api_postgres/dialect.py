"""PostgreSQL's dialect. Its driver returns values as the model needs them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from dagrun_api.airflow.schedule_text import of_column
from dagrun_api.model import Dag, DagRun
from dagrun_api.sqlstore.dialect import Dialect, Row
from dagrun_api_postgres.statements import COLUMNS, SCHEMA, SCHEMA_LOCK, statements

__all__ = ["DIALECT"]


def _dag(row: Row) -> Dag:
    dag_id, path, paused, draining, date, schedule, due = row
    return Dag._make((dag_id, path, paused, draining, date, of_column(schedule), _instant(due)))


@lru_cache(maxsize=4096)
def _instant(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError):
        # An infinite timestamp.
        return None


DIALECT = Dialect(
    name="PostgreSQL",
    statements=statements,
    columns=COLUMNS,
    schema=SCHEMA,
    dag=_dag,
    # A page has 100 rows, and a record becomes a value in half the time when it is not unpacked first.
    run=DagRun._make,
    instant=lambda value: value,
    schema_lock=SCHEMA_LOCK,
)
