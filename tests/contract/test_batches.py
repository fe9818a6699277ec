"""Creating batches on every store: which runs, with which numbers, and what prevents it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import BatchRequest, Prefix, RunFilter
from tests.databases.worlds import World, serialized

NOW = datetime(2018, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)

TRIGGER: dict[str, object] = {
    "__type": "airflow.timetables.trigger.CronTriggerTimetable",
    "__var": {"expression": "0 12 * * *", "timezone": "UTC", "interval": 86400.0, "run_immediately": False},
}
DELTA: dict[str, object] = {
    "__type": "airflow.timetables.interval.DeltaDataIntervalTimetable",
    "__var": {"delta": 21600.0},
}
ONCE: dict[str, object] = {"__type": "airflow.timetables.simple.OnceTimetable", "__var": {}}


def window(days: int, **more: object) -> BatchRequest:
    return replace(BatchRequest("a", Prefix("etl"), FIRST, FIRST + days * DAY), **more)  # type: ignore[arg-type]


def service(world: World) -> Service:
    return Service(world.store, clock=lambda: NOW)


async def dates(world: World) -> list[datetime | None]:
    """The execution dates of the runs that were created here."""
    wanted = RunFilter(dag_id="a", external_trigger=True)
    return [run.execution_date for run in await world.store.runs(wanted, after=0, limit=2000)]


@pytest.fixture(autouse=True)
async def reached(world: World) -> None:
    await world.reach("a", datetime(2018, 2, 28, 12, tzinfo=UTC))


async def test_each_tick_of_the_window_gets_a_run_numbered_from_one(world: World) -> None:
    await world.add_dag("a")
    result = await service(world).create_batch(window(3))
    assert result.run_ids == [
        "etl_0000001_2017-09-01T12:00:00",
        "etl_0000002_2017-09-02T12:00:00",
        "etl_0000003_2017-09-03T12:00:00",
    ]
    assert (result.skipped, result.skipped_run_ids, result.truncated, result.warnings) == (0, [], False, [])
    assert await dates(world) == [FIRST + timedelta(hours=12) + n * DAY for n in range(3)]


async def test_a_repeated_call_creates_nothing_and_tells_what_stands(world: World) -> None:
    await world.add_dag("a")
    first = await service(world).create_batch(window(3))
    again = await service(world).create_batch(window(3))
    assert (again.run_ids, again.skipped, again.skipped_run_ids) == ([], 3, first.run_ids)
    assert len(await dates(world)) == 3


async def test_a_resumed_call_fills_the_gaps_and_numbers_on(world: World) -> None:
    await world.add_dag("a")
    await world.add_run("a", "scheduled__2017-09-02", FIRST + timedelta(hours=36), external=False)
    await service(world).create_batch(window(1))
    result = await service(world).create_batch(window(4))
    assert result.run_ids == ["etl_0000002_2017-09-03T12:00:00", "etl_0000003_2017-09-04T12:00:00"]
    assert result.skipped_run_ids == ["etl_0000001_2017-09-01T12:00:00", "scheduled__2017-09-02"]


async def test_each_prefix_has_numbers_of_its_own(world: World) -> None:
    await world.add_dag("a")
    await service(world).create_batch(window(2))
    result = await service(world).create_batch(window(3, prefix="etl_b"))
    assert result.run_ids == ["etl_b_0000001_2017-09-03T12:00:00"]


async def test_more_than_the_limit_creates_nothing_unless_partial(world: World) -> None:
    await world.add_dag("a")
    with pytest.raises(InvalidRequest, match="more than 2 runs"):
        await service(world).create_batch(window(3, limit=2))
    assert await dates(world) == []
    result = await service(world).create_batch(window(3, limit=2, partial=True))
    assert result.truncated
    assert [run_id[:11] for run_id in result.run_ids] == ["etl_0000001", "etl_0000002"]
    rest = await service(world).create_batch(window(3, limit=2, partial=True))
    assert ([run_id[:11] for run_id in rest.run_ids], rest.truncated, rest.skipped) == (["etl_0000003"], False, 2)


async def test_the_limit_counts_what_would_be_created(world: World) -> None:
    await world.add_dag("a")
    await service(world).create_batch(window(30))
    result = await service(world).create_batch(window(31, limit=1))
    assert (len(result.run_ids), result.skipped) == (1, 30)


async def test_a_dry_run_answers_the_same_and_writes_nothing(world: World) -> None:
    await world.add_dag("a")
    await world.add_run("a", "other", FIRST + timedelta(hours=12))
    for request in (window(3), window(9, limit=2, partial=True)):
        rehearsed = await service(world).create_batch(replace(request, dry_run=True))
        assert len(await dates(world)) == 1
        assert rehearsed.run_ids
        assert rehearsed == await service(world).create_batch(replace(request, dry_run=True))
    assert await service(world).create_batch(window(3, dry_run=True)) == await service(world).create_batch(window(3))


async def test_both_ends_of_the_window_are_inclusive(world: World) -> None:
    await world.add_dag("a")
    noon = FIRST + timedelta(hours=12)
    result = await service(world).create_batch(BatchRequest("a", Prefix("etl"), noon, noon + DAY))
    assert len(result.run_ids) == 2


@pytest.mark.parametrize("schedule", ["0 12 * * *", None, ONCE, DELTA], ids=["cron", "none", "once", "delta"])
async def test_without_dates_one_manual_run_is_created_now(world: World, schedule: object) -> None:
    await world.add_dag("a", serialized=serialized(schedule))
    result = await service(world).create_batch(BatchRequest("a"))
    assert result.run_ids == ["manual_0000001_2018-03-01T09:30:00.123456"]
    assert await dates(world) == [NOW]


async def test_an_instant_is_the_tick_there_or_a_manual_run_at_it(world: World) -> None:
    await world.add_dag("a")
    tick, between = FIRST + timedelta(hours=12), FIRST + timedelta(hours=13)
    for at in (tick, between):
        result = await service(world).create_batch(BatchRequest("a", Prefix("etl"), at, at))
        assert len(result.run_ids) == 1
    assert await dates(world) == [tick, between]


async def test_a_dag_without_ticks_takes_manual_runs_only(world: World) -> None:
    for schedule in (None, ONCE):
        await world.add_dag("a", serialized=serialized(schedule))
        with pytest.raises(InvalidRequest):
            await service(world).create_batch(window(3))
    assert await dates(world) == []


async def test_a_timedelta_counts_from_the_start_of_the_window(world: World) -> None:
    await world.add_dag("a", serialized=serialized(DELTA))
    start = FIRST + timedelta(minutes=7)
    await service(world).create_batch(BatchRequest("a", Prefix("etl"), start, start + DAY))
    assert await dates(world) == [start + n * timedelta(hours=6) for n in range(5)]


async def test_ticks_that_are_not_due_are_left_out_with_a_warning(world: World) -> None:
    await world.add_dag("a")
    result = await service(world).create_batch(BatchRequest("a", Prefix("etl"), NOW - 3 * DAY, NOW + 900 * DAY))
    # The interval that began yesterday at noon ends today at noon: not before.
    assert [run_id[12:22] for run_id in result.run_ids] == ["2018-02-26", "2018-02-27"]
    assert "2018-02-28T12:00:00Z" in result.warnings[0]
    with pytest.raises(InvalidRequest, match="future"):
        await service(world).create_batch(BatchRequest("a", Prefix("etl"), NOW + DAY, NOW + DAY))


async def test_a_window_outside_the_dates_of_the_dag_is_refused(world: World) -> None:
    bounded = serialized(start_date=FIRST.timestamp(), end_date=(FIRST + 5 * DAY).timestamp())
    await world.add_dag("a", serialized=bounded)
    with pytest.raises(InvalidRequest, match=r"start_date.*2017-09-01T00:00:00Z"):
        await service(world).create_batch(BatchRequest("a", Prefix("etl"), FIRST - DAY, FIRST + DAY))
    with pytest.raises(InvalidRequest, match=r"end_date.*2017-09-06T00:00:00Z"):
        await service(world).create_batch(window(6))
    assert await dates(world) == []
    assert len((await service(world).create_batch(window(5))).run_ids) == 5


async def test_a_logical_date_before_the_start_of_the_dag_is_refused(world: World) -> None:
    await world.add_dag("a", serialized=serialized(TRIGGER, start_date=FIRST.timestamp()))
    with pytest.raises(InvalidRequest, match="2017-08-31T12:00:00Z"):
        await service(world).create_batch(window(3))
    result = await service(world).create_batch(BatchRequest("a", Prefix("etl"), FIRST + DAY, FIRST + 3 * DAY))
    assert await dates(world) == [FIRST + timedelta(hours=12), FIRST + timedelta(hours=36)]
    assert len(result.run_ids) == 2


async def test_a_dag_that_is_not_in_the_dag_bag_gets_no_runs(world: World) -> None:
    await world.add_dag("gone", is_live=False)
    for unknown in ("gone", "never"):
        with pytest.raises(InvalidRequest, match=f"^Dag id {unknown} not found$"):
            await service(world).create_batch(replace(window(3), dag_id=unknown))


async def test_a_paused_dag_gets_its_runs_with_a_warning(world: World) -> None:
    await world.add_dag("a", is_paused=True)
    result = await service(world).create_batch(window(3))
    assert len(result.run_ids) == 3
    assert "paused" in result.warnings[0]


async def test_a_changed_schedule_counts_at_once(world: World) -> None:
    await world.add_dag("a")
    ours = service(world)
    await ours.create_batch(window(1))
    await world.add_dag("a", serialized=serialized("30 6 * * *"))
    result = await ours.create_batch(window(2))
    assert [run_id[12:] for run_id in result.run_ids] == ["2017-09-01T06:30:00", "2017-09-02T06:30:00"]


async def test_identical_batches_at_once_are_one_batch(world: World) -> None:
    await world.add_dag("a")
    results = await asyncio.gather(*(service(world).create_batch(window(50)) for _ in range(6)))
    created = [result for result in results if result.run_ids]
    assert len(created) == 1
    assert all(result.skipped_run_ids == created[0].run_ids for result in results if result is not created[0])
    assert len(await dates(world)) == 50


async def test_overlapping_batches_create_no_date_twice(world: World) -> None:
    await world.add_dag("a")
    requests = [
        BatchRequest("a", Prefix(f"p{number}"), FIRST + number * DAY, FIRST + (number + 20) * DAY)
        for number in range(6)
    ]
    results = await asyncio.gather(*(service(world).create_batch(request) for request in requests))
    assert sorted(date for date in await dates(world) if date) == [
        FIRST + timedelta(hours=12) + n * DAY for n in range(25)
    ]
    assert sum(len(result.run_ids) for result in results) == 25


async def test_a_huge_window_costs_no_more_than_its_first_runs(world: World) -> None:
    await world.add_dag("a", serialized=serialized("* * * * *"))
    century = BatchRequest("a", Prefix("etl"), datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    result = await service(world).create_batch(replace(century, partial=True))
    assert (len(result.run_ids), result.truncated) == (500, True)
    with pytest.raises(InvalidRequest):
        await service(world).create_batch(century)
