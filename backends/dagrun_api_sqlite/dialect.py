"""SQLite's dialect: timestamps are text, booleans are numbers, and a column may hold a value of any type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from dagrun_api.airflow.schedule_text import of_column
from dagrun_api.model import Dag, DagRun
from dagrun_api.sqlstore.dialect import Dialect, Row
from dagrun_api_sqlite.statements import COLUMNS, SCHEMA, WRITE_AHEAD_LOG, statements
from dagrun_api_sqlite.timestamps import from_text, to_text, to_texts

__all__ = ["DIALECT", "bind", "bind_column"]


def bind(value: object) -> object:
    """Return a parameter as SQLite takes it: an instant as text, a list as a JSON array."""
    if isinstance(value, datetime):
        return to_text(value)
    return json.dumps(bind_column(cast("Sequence[Any]", value))) if isinstance(value, list) else value


def bind_column(values: Sequence[Any]) -> Sequence[object]:
    """Return a list of parameters of one kind as SQLite takes them."""
    return to_texts(values) if values and isinstance(values[0], datetime) else values


_due = lru_cache(maxsize=4096)(from_text)
"""Many DAGs are due at the same few instants."""


def _dag(row: Row) -> Dag:
    dag_id, path, paused, draining, date, schedule, due = row
    return Dag(str(dag_id), _text(path), bool(paused), bool(draining), from_text(date), of_column(schedule), _due(due))


def _run(row: Row) -> DagRun:
    id_, dag_id, run_id, state, date, start, end, external = row
    return DagRun(
        id_,
        _text(dag_id),
        _text(run_id),
        _text(state),
        from_text(date),
        from_text(start),
        from_text(end),
        bool(external),
    )


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


DIALECT = Dialect(
    name="SQLite",
    statements=statements,
    columns=COLUMNS,
    schema=SCHEMA,
    dag=_dag,
    run=_run,
    instant=from_text,
    before_schema=WRITE_AHEAD_LOG,
)
