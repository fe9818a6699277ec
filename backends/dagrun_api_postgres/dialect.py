"""PostgreSQL's dialect. Its driver returns values as the model needs them."""

from __future__ import annotations

from dagrun_api.model import Dag, DagRun
from dagrun_api.sqlstore.dialect import Dialect
from dagrun_api_postgres.statements import COLUMNS, SCHEMA, SCHEMA_LOCK, statements

__all__ = ["DIALECT"]

DIALECT = Dialect(
    name="PostgreSQL",
    statements=statements,
    columns=COLUMNS,
    schema=SCHEMA,
    # A page has 100 rows, and a record becomes a value in half the time when it is not unpacked first.
    dag=Dag._make,
    run=DagRun._make,
    instant=lambda value: value,
    schema_lock=SCHEMA_LOCK,
)
