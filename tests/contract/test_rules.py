"""The rules that protect each generation of Airflow, on its own tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import BatchRequest, Prefix, RunFilter, RunToCreate
from dagrun_api_sqlite.timestamps import to_text
from tests.databases.worlds import SQLiteWorld, SQLWorld, serialized

NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
NOON = FIRST + timedelta(hours=12)
DAY = timedelta(days=1)


def on(*releases: str) -> pytest.MarkDecorator:
    worlds = [f"{backend}-{release}" for release in releases for backend in ("sqlite", "postgres")]
    return pytest.mark.parametrize("world", worlds, indirect=True)


def window(days: int) -> BatchRequest:
    return BatchRequest("a", Prefix("etl"), FIRST, FIRST + days * DAY)


async def refused(world: SQLWorld, request: BatchRequest) -> str:
    with pytest.raises(InvalidRequest) as caught:
        await Service(world.store, clock=lambda: NOW).create_batch(request)
    assert await world.store.runs(RunFilter(prefix="etl_"), after=0, limit=1) == []
    return str(caught.value)


async def created(world: SQLWorld, request: BatchRequest) -> list[dict[str, Any]]:
    await Service(world.store, clock=lambda: NOW).create_batch(request)
    return [row for row in await world.runs_of("a") if not row["run_id"].startswith("scheduled__")]


@on("2.0.2", "2.3.4", "2.11.2", "3.0.6", "3.3.2", "standalone")
async def test_a_dag_without_a_serialized_form_would_starve_the_others(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=None)
    assert "no serialized form" in await refused(world, window(3))
    assert "no serialized form" in await refused(world, BatchRequest("a", Prefix("etl")))


@on("3.2.2", "3.3.2", "3.4.0b2")
async def test_a_partitioned_dag_has_no_dates(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET timetable_partitioned = TRUE")
    assert "partition" in await refused(world, BatchRequest("a", Prefix("etl")))


@on("3.4.0b2")
async def test_a_draining_dag_takes_runs_with_a_warning(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET is_draining = TRUE")
    assert [(dag.is_paused, dag.is_draining) for dag in await world.store.dags()] == [(False, True)]
    result = await Service(world.store, clock=lambda: NOW).create_batch(window(3))
    assert len(result.runs) == 3
    assert "is draining" in result.warnings[0]


@on("3.4.0b2")
@pytest.mark.parametrize("is_paused", [True, False])
async def test_pausing_and_unpausing_end_the_draining(world: SQLWorld, is_paused: bool) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET is_draining = TRUE")
    await Service(world.store).set_paused("a", is_paused)
    assert [(dag.is_paused, dag.is_draining) for dag in await world.store.dags()] == [(is_paused, False)]


@on("3.4.0b2")
async def test_a_cron_that_waits_for_assets_is_listed_with_a_note(world: SQLWorld) -> None:
    inner = json.loads(serialized("0 12 * * *"))["dag"]["timetable"]
    gated = {"__type": "airflow.timetables.assets.AssetAndTimeSchedule", "__var": {"timetable": inner}}
    await world.add_dag("a", serialized=serialized(gated))
    await world.execute("UPDATE dag SET timetable_asset_gated = TRUE")
    result = await Service(world.store, clock=lambda: NOW).create_batch(window(3))
    assert len(result.runs) == 3
    assert "also waits for assets" in result.warnings[0]


@on("3.2.2", "3.3.2", "3.4.0b2")
@pytest.mark.parametrize("allowed", ["null", '["manual", "scheduled"]', '["scheduled"]', "[]"])
async def test_run_types_that_the_dag_allows(world: SQLWorld, allowed: str) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET allowed_run_types = ?", [allowed])
    if "manual" in allowed or allowed == "null":
        assert len(await created(world, window(3))) == 3
    else:
        assert "allows no manual runs" in await refused(world, window(3))


@on("2.3.4", "2.6.3", "2.11.2")
async def test_a_batch_beyond_max_active_runs_is_warned_of(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET max_active_runs = 4, has_import_errors = TRUE")
    service = Service(world.store, clock=lambda: NOW)
    errors, more = (await service.create_batch(window(5))).warnings
    assert "import errors" in errors
    assert "5 runs reach max_active_runs (4)" in more
    assert "skipped for good, because catchup is off" in more
    assert "dagrun-api create --max-active-runs N" in more
    assert len((await service.create_batch(window(8))).warnings) == 1


@on("2.11.2", "3.1.8")
async def test_the_tasks_own_dates_bound_the_dag(world: SQLWorld) -> None:
    tasks = [{"__type": "operator", "__var": {"start_date": NOON.timestamp(), "end_date": (NOON + DAY).timestamp()}}]
    await world.add_dag("a", serialized=serialized(tasks=tasks))
    assert "start_date of the DAG, 2017-09-01T12:00:00Z" in await refused(world, window(1))
    later = BatchRequest("a", Prefix("etl"), NOON, NOON + 2 * DAY)
    assert "end_date of the DAG, 2017-09-02T12:00:00Z" in await refused(world, later)
    assert len(await created(world, BatchRequest("a", Prefix("etl"), NOON, NOON + DAY))) == 2


@on("1.10.15")
async def test_airflow_1_takes_no_run_ahead_of_its_own_schedule(world: SQLWorld) -> None:
    await world.add_dag("a")
    assert "has not begun" in await refused(world, window(3))
    await world.add_run("a", "manual__x", NOON + 9 * DAY)
    assert "has not begun" in await refused(world, window(3)), "runs of others do not move its schedule"
    await world.reach("a", NOON + DAY)
    ahead = BatchRequest("a", Prefix("etl"), NOON + 2 * DAY, NOON + 2 * DAY)
    assert "ahead of the schedule of dag id a, which has reached 2017-09-02T12:00:00Z" in await refused(world, ahead)
    assert "ahead" in await refused(
        world, BatchRequest("a", Prefix("etl"), runs=(RunToCreate(NOON), RunToCreate(NOON + 2 * DAY)))
    )
    result = await Service(world.store, clock=lambda: NOW).create_batch(window(3))
    assert result.run_ids == ["etl_0000001_2017-09-01T12:00:00"]
    assert "ahead of the schedule" in result.warnings[0]


@on("1.10.15")
async def test_an_airflow_1_backfill_ends_where_its_schedule_is(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.reach("a", NOON + 6 * DAY)
    service = Service(world.store, clock=lambda: NOW)
    request = BatchRequest("a", Prefix("etl"), FIRST, limit=2, partial=True)
    sizes: list[int] = []
    while True:
        result = await service.create_batch(request)
        sizes.append(len(result.run_ids))
        if not result.truncated:
            break
    assert sizes == [2, 2, 2]
    assert "ahead of the schedule" in result.warnings[0]


@on("2.11.2", "3.1.8", "3.3.2")
async def test_on_sqlite_the_next_date_is_left_to_the_scheduler(world: SQLWorld) -> None:
    await world.add_dag("a")
    next_run = NOON + 2 * DAY
    stored = to_text(next_run) if isinstance(world, SQLiteWorld) else next_run
    await world.execute("UPDATE dag SET next_dagrun = ?", [stored])
    service = Service(world.store, clock=lambda: NOW)
    at_it = BatchRequest("a", Prefix("x"), next_run, next_run)
    if not isinstance(world, SQLiteWorld):
        assert len((await service.create_batch(window(4))).run_ids) == 4, "the lock on its row keeps the scheduler away"
        return
    result = await service.create_batch(window(4))
    assert len(result.run_ids) == 2
    assert "2017-09-03T12:00:00Z is due" in result.warnings[0]
    with pytest.raises(InvalidRequest, match="pause the DAG first"):
        await service.create_batch(at_it)
    off_tick = next_run + timedelta(minutes=17)
    assert len((await service.create_batch(BatchRequest("a", Prefix("x"), off_tick, off_tick))).run_ids) == 1
    assert len((await service.create_batch(BatchRequest("a", Prefix("y")))).run_ids) == 1
    await service.set_paused("a", True)
    assert len((await service.create_batch(window(4))).run_ids) == 2
    await service.set_paused("a", False)
    again = await service.create_batch(window(4))
    assert (again.run_ids, again.skipped, again.warnings) == ([], 4, []), "what stands is skipped all the same"


@on("1.10.15")
async def test_airflow_1_takes_a_manual_run_at_any_time(world: SQLWorld) -> None:
    await world.add_dag("a")
    (row,) = await created(world, BatchRequest("a", Prefix("etl")))
    assert (row["state"], row["start_date"] is None) == ("running", False)


@on("1.10.15")
@pytest.mark.parametrize("schedule", ["0 12 * * *", None, "@once"])
async def test_airflow_1_needs_no_serialized_form(world: SQLWorld, schedule: str | None) -> None:
    await world.add_dag("a", serialized=None)
    await world.execute("UPDATE dag SET schedule_interval = ?", [json.dumps(schedule)])
    if schedule == "0 12 * * *":
        await world.reach("a", NOON + 9 * DAY)
        result = await Service(world.store, clock=lambda: NOW).create_batch(window(3))
        assert len(result.run_ids) == 3
        assert "read in UTC" in result.warnings[0]
    else:
        await refused(world, window(3))
        result = await Service(world.store, clock=lambda: NOW).create_batch(BatchRequest("a", Prefix("etl")))
        assert (len(result.run_ids), result.warnings) == (1, [])


@on("1.10.15")
async def test_airflow_1_with_a_null_schedule_column_takes_manual_runs(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=None)
    assert len(await created(world, BatchRequest("a", Prefix("etl")))) == 1


@on("3.3.2", "3.1.8")
async def test_stalled_intervals_are_listed_as_each_release_does(world: SQLWorld) -> None:
    mondays = {
        "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
        "__var": {"expression": "0 * * * 1", "timezone": "America/New_York"},
    }
    await world.add_dag("a", serialized=serialized(mondays))
    start = datetime(2017, 11, 5, tzinfo=UTC)
    request = BatchRequest("a", Prefix("etl"), start, start + 3 * DAY)
    result = await Service(world.store, clock=lambda: NOW).create_batch(request)
    if "3.3" in (await world.store.describe()).generation:
        assert len(result.run_ids) > 20
    else:
        assert len(result.run_ids) < 3
        assert result.warnings


@on("1.10.15", "2.0.2")
async def test_a_row_without_ids_is_listed_all_the_same(world: SQLWorld) -> None:
    await world.execute(
        f"INSERT INTO dag_run ({world.layout.date_column}{_type(world)}) VALUES (?{_manual(world)})", [NOON]
    )
    (run,) = await world.store.runs(RunFilter(), after=0, limit=9)
    assert (run.dag_id, run.run_id) == (None, None)


def _type(world: SQLWorld) -> str:
    return ", run_type" if world.layout.has("dag_run", "run_type") else ""


def _manual(world: SQLWorld) -> str:
    return ", 'manual'" if world.layout.has("dag_run", "run_type") else ""
