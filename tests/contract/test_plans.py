"""How the databases find what a request needs: by index, whatever else is in the tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dagrun_api_postgres.store import statements as postgres_statements
from dagrun_api_sqlite.store import statements as sqlite_statements
from tests.databases.worlds import PostgresWorld, SQLiteWorld, SQLWorld

MANY = """
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 30000)
INSERT INTO dag_run (dag_id, run_id, {date}, state, run_type{more})
SELECT 'dag' || (n % 100), 'scheduled__' || n, {when}, 'success', 'scheduled'{values} FROM n
"""

INDEXED = {
    "dags": (),
    "latest_runs": (),
    "run_of_dag": ("r", "a", 3),
    "serialized_dag": ("a",),
    "batch_dag": ("a",),
    "last_number": ("etl", "a"),
    "progress_of_dag": ("etl", "a"),
    "unstarted_of_dag": ("etl", "a"),
}
"""The statements that must find the runs that they need by an index, with parameters."""


async def plan(world: SQLWorld, name: str) -> str:
    parameters: tuple[object, ...] = INDEXED[name]
    if isinstance(world, PostgresWorld):
        sql = f"EXPLAIN {postgres_statements(world.layout)[name]}"
        return "\n".join(str(row[0]) for row in await world.fetch(sql, *parameters))
    assert isinstance(world, SQLiteWorld)
    sql = f"EXPLAIN QUERY PLAN {sqlite_statements(world.layout)[name]}"
    return "\n".join(str(row[-1]) for row in await world.execute(sql, parameters))


@pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-2.11.2", "sqlite-3.1.8", "postgres-3.1.8"], indirect=True)
async def test_no_request_for_a_dag_walks_through_the_runs_of_the_others(world: SQLWorld) -> None:
    is_postgres = isinstance(world, PostgresWorld)
    when = "timestamptz '2010-01-01' + n * interval '1 minute'"
    if not is_postgres:
        when = "strftime('%Y-%m-%d %H:%M:%f', '2010-01-01', n || ' minutes') || '000'"
    has_run_after = world.layout.has("dag_run", "run_after")
    more, values = (", run_after", f", {when}") if has_run_after else ("", "")
    for dag_id in ("a", "b"):
        await world.add_dag(dag_id)
    await world.add_run("a", "etl_0000001_2017-01-01T00:00:00", datetime(2017, 1, 1, tzinfo=UTC))
    await world.execute(MANY.format(date=world.layout.date_column, when=when, more=more, values=values))
    await world.execute("ANALYZE")
    for name in INDEXED:
        found = await plan(world, name)
        walks = ("Seq Scan on dag_run", "dag_run_pkey on dag_run n_", "SCAN r", "SCAN n", "SCAN dag_run")
        assert not [walk for walk in walks if walk in found], f"{name}:\n{found}"
