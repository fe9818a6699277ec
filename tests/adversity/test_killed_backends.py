"""A database that ends the connection, or refuses a row, somewhere in the middle of a batch."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from dagrun_api import Settings, create_app
from tests.adversity.figures import Figures
from tests.adversity.sizes import sized
from tests.databases.worlds import PostgresWorld, SQLWorld

LAYOUTS = ("postgres-standalone", "postgres-1.10.15", "postgres-2.11.2", "postgres-3.3.2")

BODY = {"dag_id": "a", "prefix": "etl_", "start_date": "2017-01-01", "end_date": "2018-05-15T23:59:59"}
RUNS = 500
REACHED = datetime(2020, 1, 1, 12, tzinfo=UTC)
"""Where the DAG's own schedule stands: Airflow 1.10 takes no run ahead of it."""

SUICIDE = "PERFORM pg_terminate_backend(pg_backend_pid());"

Api = TestClient[web.Request, web.Application]

ROW = "TRIGGER killer AFTER INSERT ON dag_run FOR EACH ROW"
AT_COMMIT = "CONSTRAINT TRIGGER killer AFTER INSERT ON dag_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"

POINTS = {
    "before the statement": ("TRIGGER killer BEFORE INSERT ON dag_run FOR EACH STATEMENT", None),
    "before row 1": ("TRIGGER killer BEFORE INSERT ON dag_run FOR EACH ROW", 1),
    "after row 1": (ROW, 1),
    "after row 125": (ROW, 125),
    "after row 250": (ROW, 250),
    "after row 375": (ROW, 375),
    "after row 500": (ROW, 500),
    "after the statement": ("TRIGGER killer AFTER INSERT ON dag_run FOR EACH STATEMENT", None),
    "in the commit, at row 1": (AT_COMMIT, 1),
    "in the commit, at row 500": (AT_COMMIT, 500),
}
"""Where the server ends the connection: a trigger, and the row that it waits for."""


@pytest.fixture
async def api(world: SQLWorld, aiohttp_client: Callable[[web.Application], Awaitable[Api]]) -> Api:
    await world.add_dag("a")
    await world.reach("a", REACHED)
    return await aiohttp_client(create_app(Settings(), store=world.store))


async def rows(world: SQLWorld) -> int:
    ((number,),) = await world.execute("SELECT count(*) FROM dag_run WHERE run_id LIKE 'etl%'")
    return int(number)


@asynccontextmanager
async def trigger(world: PostgresWorld, definition: str, row: int | None, action: str) -> AsyncGenerator[None]:
    """Let the server do something when a row, or any statement, comes in."""
    condition = "TRUE" if row is None else f"NEW.run_id LIKE 'etl_{row:07}%'"
    result = "NEW" if "BEFORE" in definition and row is not None else "NULL"
    await world.execute(
        "CREATE OR REPLACE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {condition} THEN {action} END IF; RETURN {result}; END $$"
    )
    await world.execute(f"CREATE {definition} EXECUTE FUNCTION strike()")
    try:
        yield
    finally:
        await world.execute("DROP TRIGGER killer ON dag_run")


async def assert_a_repetition_completes(world: SQLWorld, api: Api) -> None:
    response = await api.post("/api/v1/dag_runs", json=BODY)
    assert response.status == 200
    answer = (await response.json())["response"]
    assert len(answer["dag_run_ids"]) == RUNS
    assert await rows(world) == RUNS


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("world", LAYOUTS, indirect=True)
async def test_a_batch_whose_connection_the_server_ends_leaves_nothing(
    world: PostgresWorld, api: Api, point: str, figures: Figures
) -> None:
    for _ in range(sized(quick=1, full=3)):
        await world.execute("DELETE FROM dag_run WHERE run_id LIKE 'etl%'")
        async with trigger(world, *POINTS[point], SUICIDE):
            response = await api.post("/api/v1/dag_runs", json=BODY)
            assert response.status == 503
            assert response.headers["Retry-After"] == "1"
            assert "repeat the request" in (await response.json())["response"]["error"]
        assert await rows(world) == 0
        await assert_a_repetition_completes(world, api)
        figures.count("connections ended by the server in a POST")


@pytest.mark.parametrize(
    "code",
    ["53100", "53200", "57014", "40001", "40P01", "23514", "P0001", "XX001"],
    ids=["disk full", "no memory", "cancelled", "serialization", "deadlock", "constraint", "own", "corrupted"],
)
@pytest.mark.parametrize("world", ["postgres-3.3.2"], indirect=True)
async def test_a_row_that_postgresql_refuses_undoes_the_batch(
    world: PostgresWorld, api: Api, code: str, figures: Figures
) -> None:
    async with trigger(world, ROW, 250, f"RAISE EXCEPTION 'private matter' USING ERRCODE = '{code}';"):
        response = await api.post("/api/v1/dag_runs", json=BODY)
        assert response.status == 503
        assert "private" not in await response.text()
    assert await rows(world) == 0
    await assert_a_repetition_completes(world, api)
    figures.count("rows refused in the middle of a batch")


@pytest.mark.parametrize("way", ["ABORT", "FAIL", "ROLLBACK"])
@pytest.mark.parametrize("world", ["sqlite-standalone", "sqlite-1.10.15", "sqlite-3.3.2"], indirect=True)
async def test_a_row_that_sqlite_refuses_undoes_the_batch(
    world: SQLWorld, api: Api, way: str, figures: Figures
) -> None:
    await world.execute(
        "CREATE TRIGGER killer AFTER INSERT ON dag_run WHEN NEW.run_id LIKE 'etl_0000250%' "
        f"BEGIN SELECT RAISE({way}, 'private matter'); END"
    )
    response = await api.post("/api/v1/dag_runs", json=BODY)
    assert response.status == 503
    assert "private" not in await response.text()
    assert await rows(world) == 0
    await world.execute("DROP TRIGGER killer")
    await assert_a_repetition_completes(world, api)
    figures.count("rows refused in the middle of a batch")
