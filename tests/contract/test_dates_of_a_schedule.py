"""The schedule of a DAG between two instants: the same ticks that a batch creates or skips, with their runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import InvalidRequest, NotFound, UnlistableTimetable
from dagrun_api.model import BatchRequest, Prefix, Tick
from tests.databases.worlds import MemoryWorld, World, serialized

FIRST = datetime(2017, 9, 1, tzinfo=UTC)
NOON = FIRST + timedelta(hours=12)
DAY = timedelta(days=1)
NOW = FIRST + 20 * DAY
MINUTELY = {
    "__type": "airflow.timetables.interval.CronDataIntervalTimetable",
    "__var": {"expression": "* * * * *", "timezone": "UTC"},
}
TRIGGER = {
    "__type": "airflow.timetables.trigger.CronTriggerTimetable",
    "__var": {"expression": "0 12 * * *", "timezone": "UTC", "interval": 3 * 86400.0},
}
DELTA = {"__type": "airflow.timetables.interval.DeltaDataIntervalTimetable", "__var": {"delta": 5400.0}}


def service(world: World) -> Service:
    return Service(world.store, clock=lambda: NOW)


async def all_ticks(world: World, start: datetime, end: datetime, limit: int) -> list[Tick]:
    """Follow the pages of a window."""
    found: list[Tick] = []
    following: datetime | None = start
    while following is not None:
        page = await service(world).ticks("a", following, end, limit=limit)
        assert 0 < len(page.ticks) <= limit
        found += page.ticks
        following = page.next_start
    return found


async def test_each_tick_has_the_run_on_its_date(world: World) -> None:
    await world.add_dag("a")
    run = await world.add_run("a", "scheduled__x", NOON + DAY, state="failed", external=False)
    await world.add_run("b", "other", NOON + 2 * DAY)
    page = await service(world).ticks("a", FIRST, FIRST + 3 * DAY, limit=500)
    assert [(tick.execution_date, tick.dag_run) for tick in page.ticks] == [
        (NOON, None),
        (NOON + DAY, run),
        (NOON + 2 * DAY, None),
    ]
    assert page.ticks[0][1:5] == (NOON, NOON + DAY, NOON + DAY, True)
    assert page.counts == {"missing": 2, "not_due": 0, "queued": 0, "running": 0, "success": 0, "failed": 1}
    assert page.next_start is None


async def test_what_is_not_due_is_listed_as_such(world: World) -> None:
    await world.add_dag("a")
    page = await service(world).ticks("a", NOW - 2 * DAY, NOW + 2 * DAY, limit=500)
    assert [tick.fate for tick in page.ticks] == ["missing", "not_due", "not_due", "not_due"]


@pytest.mark.parametrize("timetable", ["0 12 * * *", TRIGGER, DELTA], ids=["interval", "trigger", "delta"])
@pytest.mark.parametrize("world", ["memory", "sqlite-standalone", "postgres-3.4.0b2"], indirect=True)
async def test_the_pages_of_a_window_are_the_window(world: World, timetable: object) -> None:
    await world.add_dag("a", serialized=serialized(timetable))
    whole = await service(world).ticks("a", FIRST, FIRST + 6 * DAY, limit=500)
    assert len(whole.ticks) >= 6
    for limit in (1, 2, 5):
        assert await all_ticks(world, FIRST, FIRST + 6 * DAY, limit) == whole.ticks


async def test_missing_and_due_ticks_are_what_a_batch_creates(world: World) -> None:
    await world.add_dag("a")
    await world.reach("a", NOW)
    await world.add_run("a", "scheduled__x", NOON + DAY, external=False)
    window = (FIRST, NOW + 3 * DAY)
    before = await service(world).ticks("a", *window, limit=500)
    created = await service(world).create_batch(BatchRequest("a", Prefix("etl"), *window))
    missing = [tick for tick in before.ticks if tick.fate == "missing"]
    assert [run.logical_date for run in created.runs] == [tick.execution_date for tick in missing]
    after = await service(world).ticks("a", *window, limit=500)
    assert after.counts["missing"] == 0
    assert after.counts["not_due"] == before.counts["not_due"]


async def test_dates_beyond_those_of_the_dag_are_left_out(world: World) -> None:
    ends = {"start_date": (FIRST + DAY).timestamp(), "end_date": (FIRST + 3 * DAY).timestamp()}
    await world.add_dag("a", serialized=serialized(**ends))
    page = await service(world).ticks("a", FIRST - 900 * DAY, NOW, limit=500)
    assert [tick.execution_date for tick in page.ticks] == [NOON + DAY, NOON + 2 * DAY]
    assert (await service(world).ticks("a", FIRST - 9 * DAY, FIRST, limit=500)).ticks == []


async def test_a_window_of_millions_of_ticks_is_listed_at_once(world: World) -> None:
    await world.add_dag("a", serialized=serialized(MINUTELY))
    start = datetime(1970, 1, 1, tzinfo=UTC)
    page = await service(world).ticks("a", start, datetime(2100, 1, 1, tzinfo=UTC), limit=500)
    assert (len(page.ticks), page.next_start) == (500, start + timedelta(minutes=500))


async def test_a_schedule_without_ticks_cannot_be_listed(world: World) -> None:
    await world.add_dag("a", serialized=serialized(None))
    with pytest.raises(UnlistableTimetable):
        await service(world).ticks("a", FIRST, NOW, limit=500)


async def test_an_unknown_dag_has_no_ticks(world: World) -> None:
    await world.add_dag("gone", is_live=False)
    for dag_id in ("nowhere", "gone", "a\0b"):
        with pytest.raises(NotFound):
            await service(world).ticks(dag_id, FIRST, NOW, limit=500)


async def test_the_ends_of_a_window_are_in_order(world: World) -> None:
    await world.add_dag("a")
    with pytest.raises(InvalidRequest, match="is after end_date"):
        await service(world).ticks("a", NOW, FIRST, limit=500)
    if isinstance(world, MemoryWorld):
        # An absent one means now.
        assert len((await service(world).ticks("a", NOW - 2 * DAY, None, limit=9)).ticks) == 2
