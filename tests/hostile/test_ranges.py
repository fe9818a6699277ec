"""Windows that are absurd: answered by what they ask for, not by how large they are."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dagrun_api import Settings, create_app
from tests.databases.worlds import MemoryWorld, serialized
from tests.hostile.conftest import AiohttpClient, Api
from tests.http.conftest import answer, error

SLOW = 5.0
"""Seconds: far more than what takes milliseconds, far less than a walk through the window."""

TIMETABLES = "airflow.timetables."


def timetable(name: str, **fields: object) -> dict[str, object]:
    return {"__type": TIMETABLES + name, "__var": fields}


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
async def api(world: MemoryWorld, aiohttp_client: AiohttpClient) -> Api:
    return await aiohttp_client(create_app(Settings(), store=world.store))


async def post(api: Api, start: str, end: str, **more: object) -> Any:
    body = {"dag_id": "a", "prefix": "p", "start_date": start, "end_date": end, **more}
    return await api.post("/api/v1/dag_runs", json=body)


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "* * * * * *",
        timetable("trigger.CronTriggerTimetable", expression="* * * * *", timezone="Europe/Berlin", interval=0.0),
        timetable("interval.DeltaDataIntervalTimetable", delta=60.0),
        timetable("interval.DeltaDataIntervalTimetable", delta=1e-6),
        timetable("trigger.MultipleCronTriggerTimetable", expressions=["* * * * *"] * 100, timezone="UTC", interval=0),
    ],
    ids=str,
)
@pytest.mark.parametrize("end", ["2025-01-01", "9999-12-31T23:59:59.999999Z"])
async def test_a_window_of_a_century_costs_no_more_than_its_limit(
    api: Api, world: MemoryWorld, schedule: Any, end: str
) -> None:
    await world.add_dag("a", serialized=serialized(schedule))
    begun = time.monotonic()
    created = await answer(await post(api, "1925-01-01", end, partial=True, limit=3))
    assert (len(created["dag_run_ids"]), created["truncated"]) == (3, True)
    assert "holds more than 500" in await error(await post(api, "1925-01-01", end))
    assert time.monotonic() - begun < SLOW


async def test_a_cron_that_never_fires_ends_the_search(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a", serialized=serialized("0 0 30 2 *"))
    begun = time.monotonic()
    assert (await answer(await post(api, "0001-01-01", "9999-12-31")))["dag_run_ids"] == []
    assert time.monotonic() - begun < SLOW


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2017-09-02", "2017-09-01", "is after end_date"),
        ("9999-12-31", "0001-01-01", "is after end_date"),
        ("2017-09-01T12:00:00+14:00", "2017-09-01T12:00:00+14:30", "is after end_date"),
        ("2017-09-01T23:59:60", "2017-09-03", "is not a date"),
        ("2016-12-31T23:59:60Z", "2017-09-03", "is not a date"),
        ("0001-01-01T00:00:00+14:00", "2017-09-03", "is not a date"),
        ("2017-09-01", "9999-12-31T23:59:59-12:00", "is not a date"),
        ("0000-01-01", "2017-09-03", "is not a date"),
        ("10000-01-01", "2017-09-03", "is not a date"),
        ("-001-01-01", "2017-09-03", "is not a date"),
        ("2017-09-01T12:00:00+24:00", "2017-09-03", "is not a date"),
        ("2017-W54-1", "2017-09-03", "is not a date"),
        ("2017-02-29", "2017-09-03", "is not a date"),
        ("2017-09-01T24:00:01", "2017-09-03", "is not a date"),
        ("1" * 5000, "2017-09-03", "is not a date"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59", "lies in the future"),
    ],
)
async def test_dates_that_cannot_be_are_told(api: Api, world: MemoryWorld, start: str, end: str, told: str) -> None:
    await world.add_dag("a")
    assert told in await error(await post(api, start, end))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("0001-01-02", "0001-01-04", "0001-01-02T12:00:00"),
        ("2017-09-02T02:00:00+14:00", "2017-09-02T02:00:00+13:59", "2017-09-01T12:00:00"),
        ("2017-09-01T00:00:00-12:00", "2017-09-01T00:01:00-12:00", "2017-09-01T12:00:00"),
        ("2017-09-01T12:00:00.000000000", "2017-09-01T12:00:00,000", "2017-09-01T12:00:00"),
    ],
)
async def test_dates_at_the_ends_of_the_calendar_and_of_the_world(
    api: Api, world: MemoryWorld, start: str, end: str, expected: str
) -> None:
    await world.add_dag("a")
    created = await answer(await post(api, start, end))
    assert created["dag_run_ids"][0] == f"p_0000001_{expected}"


async def test_a_date_before_the_first_tick_is_refused_with_a_reason(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    created = await answer(await post(api, "0001-01-01", "2017-01-01"))
    assert created["dag_run_ids"] == []
    assert "Airflow logs an error there and its list ends" in created["warnings"][0]


@pytest.mark.parametrize(
    ("zone", "gap", "fold"),
    [
        ("Europe/Berlin", "2024-03-31", "2024-10-27"),
        ("America/New_York", "2024-03-10", "2024-11-03"),
        ("Australia/Lord_Howe", "2024-10-06", "2024-04-07"),
        ("America/Santiago", "2024-09-08", "2024-04-07"),
        ("Africa/Cairo", "2024-04-26", "2024-11-01"),
        ("Pacific/Apia", "2011-12-30", "2021-04-04"),
    ],
)
@pytest.mark.parametrize("kind", ["trigger.CronTriggerTimetable", "interval.CronDataIntervalTimetable"])
@pytest.mark.parametrize("cron", ["30 0 * * *", "30 1 * * *", "30 2 * * *", "*/10 * * * *"])
async def test_a_clock_change_makes_no_run_twice(
    api: Api, world: MemoryWorld, zone: str, gap: str, fold: str, kind: str, cron: str
) -> None:
    await world.add_dag("a", serialized=serialized(timetable(kind, expression=cron, timezone=zone)))
    for day in (gap, fold):
        window = f"{day}T00:00:00+13:00", f"{day}T23:59:59-12:00"
        created = (await answer(await post(api, *window)))["dag_run_ids"]
        assert created
        assert len({run_id[-19:] for run_id in created}) == len(created)
        again = await answer(await post(api, *window))
        assert (again["dag_run_ids"], again["skipped"]) == ([], len(created))


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        timetable("simple.ContinuousTimetable"),
        timetable("simple.DatasetTriggeredTimetable"),
        timetable("simple.AssetTriggeredTimetable"),
        timetable("trigger.CronPartitionTimetable"),
        {"__type": "somebody.elses.Timetable", "__var": {}},
    ],
    ids=str,
)
async def test_a_timetable_without_ticks_to_list_is_told(api: Api, world: MemoryWorld, schedule: Any) -> None:
    await world.add_dag("a", serialized=serialized(schedule))
    assert "For a manual run leave both dates out" in await error(await post(api, "2017-09-01", "2017-09-03"))
    assert len((await answer(await post(api, "2017-09-01T00", "2017-09-01T00")))["dag_run_ids"]) == 1
