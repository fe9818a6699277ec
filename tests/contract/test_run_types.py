"""What the runs of an ordinary batch are: backfill runs on Airflow 3 where that does no harm, else manual ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import BatchRequest, BatchResult, Prefix, RunToCreate, RunType
from dagrun_api_sqlite.timestamps import to_text
from tests.databases.worlds import SQLiteWorld, SQLWorld, serialized

NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
NOON = FIRST + timedelta(hours=12)
DAY = timedelta(days=1)
ETL = Prefix("etl")
DELTA = {"__type": "airflow.timetables.trigger.DeltaTriggerTimetable", "__var": {"delta": 86400.0, "interval": 0.0}}

AIRFLOW_3 = ("3.0.6", "3.1.8", "3.2.2", "3.3.2", "3.4.0b2")


def on(*releases: str) -> pytest.MarkDecorator:
    worlds = [f"{backend}-{release}" for release in releases for backend in ("sqlite", "postgres")]
    return pytest.mark.parametrize("world", worlds, indirect=True)


def window(days: int, **more: Any) -> BatchRequest:
    return BatchRequest("a", ETL, FIRST, FIRST + days * DAY, **more)


async def create(world: SQLWorld, request: BatchRequest) -> BatchResult:
    return await Service(world.store, clock=lambda: NOW).create_batch(request)


async def update(world: SQLWorld, **values: object) -> None:
    # A paused DAG: on SQLite, dates from next_dagrun on are otherwise left to a scheduler that cannot be locked out.
    for name, value in {"is_paused": True, **values}.items():
        stored = to_text(value) if isinstance(value, datetime) and isinstance(world, SQLiteWorld) else value
        await world.execute(f"UPDATE dag SET {name} = ?", [stored])


async def types(world: SQLWorld) -> set[tuple[Any, Any, Any]]:
    rows = await world.runs_of("a")
    return {(row["run_type"], row.get("triggered_by"), row.get("backfill_id")) for row in rows}


@on(*AIRFLOW_3)
async def test_a_window_and_a_list_are_backfill_runs(world: SQLWorld) -> None:
    await world.add_dag("a")
    assert (await create(world, window(3))).run_type is RunType.BACKFILL
    listed = (RunToCreate(NOON + 9 * DAY), RunToCreate(FIRST + 9 * DAY))
    assert (await create(world, BatchRequest("a", ETL, runs=listed))).run_type is RunType.BACKFILL
    assert await types(world) == {("backfill", "BACKFILL", None)}
    assert await world.execute("SELECT count(*) FROM backfill") == [(0,)]


@on("standalone", "2.3.4", "2.11.2")
async def test_elsewhere_they_are_manual_runs(world: SQLWorld) -> None:
    await world.add_dag("a")
    assert (await create(world, window(3))).run_type is RunType.MANUAL
    assert {run_type for run_type, _, _ in await types(world)} == {"manual"}


@on(*AIRFLOW_3)
async def test_a_single_manual_run_stays_one(world: SQLWorld) -> None:
    await world.add_dag("a")
    for request in (BatchRequest("a", ETL), BatchRequest("a", ETL, FIRST, FIRST)):
        assert (await create(world, request)).run_type is RunType.MANUAL
    assert await types(world) == {("manual", "REST_API", None)}
    tick = await create(world, BatchRequest("a", ETL, NOON, NOON))
    assert tick.run_type is RunType.BACKFILL, "the run of one tick is a batch of one"


@on("3.2.2", "3.3.2", "3.4.0b2")
async def test_a_dag_that_allows_no_backfill_runs_gets_manual_ones(world: SQLWorld) -> None:
    await world.add_dag("a")
    await update(world, allowed_run_types=json.dumps(["scheduled", "manual"]))
    result = await create(world, window(3))
    assert result.run_type is RunType.MANUAL
    assert "Dag id a does not allow backfill runs, so these are manual ones." in result.warnings
    with pytest.raises(InvalidRequest, match="allows no backfill runs, only: scheduled, manual"):
        await create(world, window(5, max_active_runs=1))


@on("3.2.2", "3.3.2", "3.4.0b2")
async def test_a_dag_may_allow_backfill_runs_alone(world: SQLWorld) -> None:
    await world.add_dag("a")
    await update(world, allowed_run_types=json.dumps(["backfill"]))
    assert (await create(world, window(3))).run_type is RunType.BACKFILL
    with pytest.raises(InvalidRequest, match="allows no manual runs, only: backfill"):
        await create(world, BatchRequest("a", ETL))


@on(*AIRFLOW_3)
async def test_no_backfill_run_moves_a_schedule_that_catches_up(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(catchup=True))
    await update(world, next_dagrun=NOON + 3 * DAY)
    result = await create(world, window(3))
    assert (len(result.runs), result.run_type) == (3, RunType.BACKFILL)
    beyond = await create(world, window(5))
    assert (len(beyond.runs), beyond.run_type) == (2, RunType.MANUAL)
    assert any("These are manual runs: dag id a catches up" in each for each in beyond.warnings)


@on(*AIRFLOW_3)
async def test_a_native_backfill_leaves_such_dates_to_the_schedule(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(catchup=True))
    await update(world, next_dagrun=NOON + 3 * DAY)
    result = await create(world, window(5, max_active_runs=1))
    assert [run.logical_date for run in result.runs] == [NOON, NOON + DAY, NOON + 2 * DAY]
    assert any("2017-09-04T12:00:00Z and later dates are left to the schedule" in each for each in result.warnings)
    with pytest.raises(InvalidRequest, match="left to the schedule"):
        await create(world, BatchRequest("a", ETL, FIRST + 4 * DAY, FIRST + 6 * DAY, max_active_runs=1))


@on(*AIRFLOW_3)
async def test_without_catchup_any_date_may_have_one(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(catchup=False))
    await update(world, next_dagrun=NOON)
    assert len((await create(world, window(5, max_active_runs=1))).runs) == 5


@on(*AIRFLOW_3)
async def test_no_backfill_run_shifts_the_ticks_of_a_timedelta(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(DELTA, catchup=False))
    await update(world, next_dagrun=FIRST + 4 * DAY + timedelta(hours=1))
    assert (await create(world, window(3))).run_type is RunType.BACKFILL
    late = await create(world, window(4))
    assert (len(late.runs), late.run_type) == (1, RunType.MANUAL)
    assert any("would shift its ticks" in each for each in late.warnings)
    native = await create(world, BatchRequest("a", Prefix("x"), NOON + 4 * DAY, NOON + 4 * DAY, max_active_runs=1))
    assert any("shift its ticks" in each for each in native.warnings)


@on("3.1.8", "3.3.2")
async def test_the_warning_says_what_happens_to_the_schedule(world: SQLWorld) -> None:
    await world.add_dag("a")
    await update(world, max_active_runs=4)
    _, warning = (await create(world, window(5))).warnings
    assert warning.startswith("5 runs are more than max_active_runs (4)")
    assert "once 4 of those wait, further ticks are skipped for good, because catchup is off" in warning
    assert "Send max_active_runs" in warning
    assert len((await create(world, window(9))).warnings) == 1


@on("3.2.2")
async def test_manual_runs_are_warned_of_with_what_is_lost(world: SQLWorld) -> None:
    await world.add_dag("a")
    await update(world, max_active_runs=4, allowed_run_types=json.dumps(["manual"]))
    assert any("skipped for good, because catchup is off" in each for each in (await create(world, window(4))).warnings)
    await world.add_dag("a", serialized=serialized(catchup=True))
    await update(world, max_active_runs=4, allowed_run_types=json.dumps(["manual"]))
    assert any("are created later" in each for each in (await create(world, window(9))).warnings)


@on("3.0.6", "3.3.2", "3.4.0b2")
async def test_many_running_runs_may_starve_a_native_backfill(world: SQLWorld) -> None:
    await world.add_dag("a")
    for number in range(15):
        await world.add_run("b", f"manual__{number}", FIRST + number * DAY, state="running")
    result = await create(world, window(3, max_active_runs=1))
    starving = [each for each in result.warnings if each.startswith("15 runs are running in this Airflow")]
    assert bool(starving) is (world.layout.name != "Airflow 3 (tables as since 3.4.0b2)")
    many = await create(world, BatchRequest("a", Prefix("x"), NOON + 9 * DAY, NOON + 10 * DAY, max_active_runs=20))
    assert any("other backfills may stand still" in each for each in many.warnings) is bool(starving)
    assert all("max_dagruns_per_loop_to_schedule" in each and "create --feed" in each for each in starving)
