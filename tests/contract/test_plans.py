"""Query plans: every request finds its rows by an index, however many other rows there are."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import cast

import pytest

from dagrun_api.airflow.batch_search import IDS, RUNS, STEPS
from dagrun_api.airflow.statements import Query, Statements
from dagrun_api.model import RunFilter
from dagrun_api_postgres.statements import statements as postgres_statements
from dagrun_api_sqlite.statements import statements as sqlite_statements
from dagrun_api_sqlite.timestamps import to_text
from tests.databases.worlds import PostgresWorld, SQLiteWorld, SQLWorld

WORLDS = [
    f"{backend}-{layout}"
    for backend in ("sqlite", "postgres")
    for layout in ("1.10.15", "2.2.5", "2.11.2", "3.1.8", "3.3.2")
]

NATIVE = [f"{backend}-{layout}" for backend in ("sqlite", "postgres") for layout in ("standalone", "3.1.8", "3.4.0b2")]

DATES = [datetime(2010, 1, 1, hour, tzinfo=UTC) for hour in range(24)]

INDEXED: dict[str, tuple[object, ...]] = {
    "dags": (),
    "dag_detail": ("big",),
    "runs_named": ("scheduled__5", 4),
    "run_of_dag": ("scheduled__5", "dag5", 3),
    "serialized_dag": ("a",),
    "lock_dag": ("a",),
    "target_dag": ("a",),
    "taken": ("dag5", DATES),
    "runs_on": ("dag5", DATES),
    "last_run": ("etl", "a"),
    "has_number": ("etl_0000001", "a"),
    "latest_runs": (),
    "progress": ("etl",),
    "progress_of_dag": ("etl", "a"),
    "newest_batches": (2**62, 51, RUNS, IDS, STEPS),
    "progress_of_batches": (["a", "b"], ["etl", "etl"]),
    "unstarted": ("etl", "a", "", 10),
    "cancel_runs": ([1, 2, 3], DATES[0]),
    "failed": ("etl", "a", "", 10),
    "requeueable": ("etl", "a", "", 10),
    "requeue_runs": ([1, 2, 3], DATES[0]),
}
"""The statements that must find the runs that they need by an index, with parameters."""

BACKFILLS: dict[str, tuple[object, ...]] = {
    "backfill_of": ("etl", "a"),
    "backfills": ([1, 2],),
    "running_runs": (),
    "join_backfill": (1, 2, DATES[0], DATES[-1], DATES[0]),
    "pause_backfills": ([1, 2], True, DATES[0]),
    "lock_backfills": ([1, 2],),
    "end_backfills": ([1, 2], DATES[0]),
    "reopen_backfills": ([1, 2], DATES[0]),
}
"""The same for native backfills; `running_runs` is asked only where the tables are those of Airflow."""

PAGES = (
    RunFilter(),
    RunFilter(dag_id="dag5"),
    RunFilter(dag_id="big"),
    RunFilter(dag_id="dag5", state="success"),
    RunFilter(dag_id="dag5", state="success", external_trigger=True, prefix="etl_"),
)
"""The filters of pages. One by state, external trigger or prefix alone walks along the primary key until it is full."""

WALKS = re.compile(r"Seq Scan on dag_run|Index (Only )?Scan using dag_run_pkey on dag_run n_|SCAN (r|n|dag_run)\b")


def unfold(world: SQLWorld, value: object) -> object:
    """Return a parameter as SQLite's statements take it."""
    if isinstance(world, PostgresWorld):
        return value
    if isinstance(value, list):
        return json.dumps([unfold(world, each) for each in cast("list[object]", value)])
    return to_text(value) if isinstance(value, datetime) else value


async def plan(world: SQLWorld, sql: str, parameters: Sequence[object], *, generic: bool = False) -> str:
    """Return how the database would run a statement; `generic`: with a plan for any parameters, where it has one."""
    given = [unfold(world, each) for each in parameters]
    if isinstance(world, PostgresWorld) and generic:
        connection = await world.another()
        try:
            await connection.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE asked AS {sql}")
            nulls = ", ".join(["NULL"] * len(given))
            return "\n".join(str(row[0]) for row in await connection.fetch(f"EXPLAIN EXECUTE asked ({nulls})"))
        finally:
            await connection.close()
    if isinstance(world, PostgresWorld):
        return "\n".join(str(row[0]) for row in await world.fetch(f"EXPLAIN {sql}", *given))
    return "\n".join(str(row[-1]) for row in await world.execute(f"EXPLAIN QUERY PLAN {sql}", given))


async def crowd(world: SQLWorld) -> Statements:
    """Insert one batch run, 20,000 runs of 100 other DAGs and 10,000 of one, and return the statements."""
    is_postgres = isinstance(world, PostgresWorld)
    when = "timestamptz '2010-01-01' + n * interval '1 minute'"
    if not is_postgres:
        when = "strftime('%Y-%m-%d %H:%M:%f', '2010-01-01', n || ' minutes') || '000'"
    columns = {
        "dag_id": "CASE WHEN n > 20000 THEN 'big' ELSE 'dag' || (n % 100) END",
        "run_id": "'scheduled__' || n",
        world.layout.date_column: when,
        "state": "'success'",
        "run_type": "'scheduled'",
        "external_trigger": "FALSE",
        "queued_at": when,
        "data_interval_start": when,
        "data_interval_end": when,
        "conf": "'{}'",
        "run_after": when,
        "clear_number": "0",
        "span_status": "'not_started'",
    }
    known = {name: value for name, value in columns.items() if world.layout.has("dag_run", name)}
    for dag_id in ("a", "b"):
        await world.add_dag(dag_id)
    await world.add_run("a", "etl_0000001_2017-01-01T00:00:00", datetime(2017, 1, 1, tzinfo=UTC))
    await world.execute(
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 30000) "
        f"INSERT INTO dag_run ({', '.join(known)}) SELECT {', '.join(known.values())} FROM n"
    )
    await world.execute("ANALYZE")
    return (postgres_statements if is_postgres else sqlite_statements)(world.layout)


@pytest.mark.parametrize("world", WORLDS, indirect=True)
async def test_no_request_reads_runs_that_it_does_not_ask_for(world: SQLWorld) -> None:
    statements = await crowd(world)
    asked = [Query(statements[name], parameters) for name, parameters in INDEXED.items()]
    pages = [
        statements.page(wanted, after=after, limit=101, newest_first=after > 0)
        for wanted in PAGES
        for after in (0, 2**62)
    ]
    for sql, parameters in asked + pages:
        found = await plan(world, sql, parameters)
        assert not WALKS.search(found), f"{sql}:\n{found}"


@pytest.mark.parametrize("world", NATIVE, indirect=True)
async def test_no_backfill_reads_runs_that_it_does_not_concern(world: SQLWorld) -> None:
    statements = await crowd(world)
    is_built_in = world.layout.head is None
    for name, parameters in BACKFILLS.items():
        found = await plan(world, statements[name], parameters)
        assert not WALKS.search(found) or (name == "running_runs" and is_built_in), f"{name}:\n{found}"


@pytest.mark.parametrize("world", NATIVE, indirect=True)
async def test_new_runs_of_a_backfill_are_found_by_their_ids(world: SQLWorld) -> None:
    """Not by reading all runs of their DAG, also where a plan must do for any DAG."""
    statements = await crowd(world)
    order = json.dumps({f"scheduled__{number}": number for number in range(20_001, 20_501)})
    for dag_id, generic in (("dag5", False), ("big", False), ("big", True)):
        found = await plan(world, statements["add_backfill_runs"], (1, dag_id, order), generic=generic)
        if isinstance(world, PostgresWorld):
            assert re.search(r"Index Cond: .*run_id", found), found
        else:
            assert re.search(r"SEARCH r .*\((dag_id=\? AND run_id|run_id=\? AND dag_id)=\?\)", found), found


@pytest.mark.parametrize("world", WORLDS, indirect=True)
async def test_batches_are_found_down_the_primary_key(world: SQLWorld) -> None:
    """From the newest run on, and each asks the index of run ids for the last of its batch, without sorting it."""
    statements = await crowd(world)
    found = await plan(world, statements["newest_batches"], INDEXED["newest_batches"], generic=True)
    if isinstance(world, PostgresWorld):
        assert re.search(
            r"Index Scan Backward using dag_run_pkey on dag_run r\w* .*\n +Index Cond: .*id < w\w*[.]id.*id > w", found
        ), found
        assert re.search(r"Scan Backward using dag_run_dag_id_run_id_key on dag_run", found), found
        assert re.findall(r"Sort Key: .*", found) == ["Sort Key: w.steps"], found
    else:
        assert "SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in found, found
        assert re.search(r"SEARCH r USING COVERING INDEX \w+ \(dag_id=\? AND run_id>\? AND run_id<\?\)", found), found
        assert found.count("USE TEMP B-TREE") == 1, found


@pytest.mark.parametrize("world", WORLDS, indirect=True)
async def test_batches_of_one_dag_are_found_by_their_run_ids(world: SQLWorld) -> None:
    """A range of the index on each side of the runs that the schedule made."""
    statements = await crowd(world)
    found = await plan(world, statements["newest_batches_of_dag"], (2**62, "big", 51), generic=True)
    if isinstance(world, PostgresWorld):
        for bound in ("< 'scheduled__1000'", ">= 'scheduled__3000'"):
            assert re.search(rf"Index Cond: .*dag_id.*run_id\)?(::text)? {bound}", found), found
    else:
        for bound in "<>":
            assert re.search(rf"SEARCH o .*INDEX .*\(dag_id=\? AND run_id{bound}\?\)", found), found


@pytest.mark.parametrize("world", WORLDS, indirect=True)
async def test_active_runs_are_counted_without_reading_ended_ones(world: SQLWorld) -> None:
    statements = await crowd(world)
    found = await plan(world, statements["dag_detail"], ("big",))
    assert re.search(r"dag_id_state|idx_dag_run_(running|queued)_dags", found), found
    assert "Filter: ((state)" not in found, found


@pytest.mark.parametrize("world", WORLDS, indirect=True)
async def test_a_page_of_one_dag_does_not_read_other_dags(world: SQLWorld) -> None:
    statements = await crowd(world)
    for wanted in PAGES:
        found = await plan(world, *statements.page(wanted, after=0, limit=101))
        walks_along_the_key = "dag_run_pkey" in found or "INTEGER PRIMARY KEY" in found
        assert walks_along_the_key == (wanted.dag_id is None), f"{wanted}:\n{found}"


@pytest.mark.parametrize("world", [world for world in WORLDS if world.startswith("postgres")], indirect=True)
async def test_the_ends_of_a_large_batch_are_found_without_sorting_it(world: PostgresWorld) -> None:
    await world.add_dag("a")
    when = "timestamptz '2010-01-01' + n * interval '1 minute'"
    columns = {
        "dag_id": "'a'",
        "run_id": f"'etl_' || lpad(n::text, 7, '0') || to_char({when}, '_YYYY-MM-DD\"T\"HH24:MI:SS')",
        world.layout.date_column: when,
        "state": f"'{world.state_at_birth}'",
        "run_type": "'manual'",
        "run_after": when,
        "clear_number": "0",
        "span_status": "'not_started'",
    }
    known = {name: value for name, value in columns.items() if world.layout.has("dag_run", name)}
    await world.execute(
        f"INSERT INTO dag_run ({', '.join(known)}) SELECT {', '.join(known.values())} FROM generate_series(1, 20000) n"
    )
    await world.execute("ANALYZE")
    statements = postgres_statements(world.layout)
    first = ("etl", "a", "", 100)
    for name, parameters in (("last_run", ("etl", "a")), ("unstarted", first)):
        found = await plan(world, statements[name], parameters)
        assert "Sort Key: r.run_id" not in found, f"{name}:\n{found}"
    await world.execute("UPDATE dag_run SET state = 'failed'")
    await world.execute("ANALYZE")
    for name in ("failed", "requeueable"):
        found = await plan(world, statements[name], first)
        assert "Sort Key: r.run_id" not in found, f"{name}:\n{found}"


@pytest.mark.parametrize("world", ["sqlite-3.1.8"], indirect=True)
async def test_the_last_number_takes_no_longer_the_more_runs_there_are(world: SQLiteWorld) -> None:
    await world.add_dag("a")
    steps: list[int] = []
    for count in (10, 5_000):
        await world.execute("DELETE FROM dag_run")
        await world.execute(
            f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) "
            "INSERT INTO dag_run (dag_id, run_id, run_type, run_after, clear_number, span_status) "
            "SELECT 'a', printf('etl_%07d_2017-01-01T00:00:00', n), 'manual', '2017-01-01', 0, 'not_started' FROM n"
        )
        sql = sqlite_statements(world.layout)["last_run"]
        with closing(sqlite3.connect(world.path)) as connection:
            taken = 0

            def tick() -> None:
                nonlocal taken
                taken += 1

            connection.set_progress_handler(tick, 1)
            assert connection.execute(sql, ("etl", "a")).fetchone() == (count, None)
        steps.append(taken)
    assert steps[1] < 1.2 * steps[0], steps


@pytest.mark.parametrize("world", ["sqlite-3.1.8"], indirect=True)
async def test_a_list_takes_no_longer_the_more_runs_there_are(world: SQLiteWorld) -> None:
    await world.add_dag("a")
    parameters = (2**62, 51, RUNS, 300, STEPS)
    steps: list[int] = []
    for count in (1_000, 5_000):
        await world.execute("DELETE FROM dag_run")
        await world.execute(
            f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count}) "
            "INSERT INTO dag_run (dag_id, run_id, run_type, run_after, clear_number, span_status) "
            "SELECT 'a', printf('etl_%07d_2017-01-01T00:00:00', n), 'manual', '2017-01-01', 0, 'not_started' FROM n"
        )
        sql = sqlite_statements(world.layout)["newest_batches"]
        with closing(sqlite3.connect(world.path)) as connection:
            taken = 0

            def tick() -> None:
                nonlocal taken
                taken += 1

            connection.set_progress_handler(tick, 1)
            above, last = connection.execute(sql, parameters).fetchall()
            assert (above[0], last[0], last[3], last[4]) == (count + 1, count, 1, count - 300)
        steps.append(taken)
    assert steps[1] < 1.1 * steps[0], steps


@pytest.mark.parametrize("world", ["postgres-2.11.2", "postgres-3.3.2"], indirect=True)
async def test_dates_are_looked_up_by_index_or_hash_without_statistics(world: PostgresWorld) -> None:
    """A plan that was made for any values, on a table that was empty, must do for 8,192 dates in a full one."""
    await world.add_dag("a")
    await world.execute("ANALYZE dag_run")
    sql = postgres_statements(world.layout)["taken"]
    found = await plan(world, sql, ("a", DATES), generic=True)
    assert "ANY" not in found, found
