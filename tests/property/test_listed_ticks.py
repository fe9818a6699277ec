"""The dates of a schedule that are missing and due are exactly those that a batch of the same window creates."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, Prefix, Tick
from tests.databases.worlds import MemoryWorld, serialized

FIRST = datetime(2017, 3, 20, tzinfo=UTC)
"""A week before the clock changes in Europe."""
HOUR = timedelta(hours=1)
LAST = 24 * 10

CRONS = st.sampled_from(["0 12 * * *", "30 2 * * *", "*/40 * * * *", "0 0 * * 1", "15 1,2,3 * * *", "0 5 31 * *"])
ZONES = st.sampled_from(["UTC", "Europe/Amsterdam", "Australia/Lord_Howe"])


def crons(kind: str, **more: object) -> st.SearchStrategy[dict[str, object]]:
    def made(expression: str, timezone: str) -> dict[str, object]:
        return {
            "__type": f"airflow.timetables.{kind}",
            "__var": {"expression": expression, "timezone": timezone, **more},
        }

    return st.builds(made, CRONS, ZONES)


def delta(seconds: int) -> dict[str, object]:
    return {
        "__type": "airflow.timetables.interval.DeltaDataIntervalTimetable",
        "__var": {"delta": float(seconds)},
    }


TIMETABLES = st.one_of(
    crons("interval.CronDataIntervalTimetable"),
    crons("trigger.CronTriggerTimetable", interval=0.0),
    crons("trigger.CronTriggerTimetable", interval=7200.0),
    st.integers(2400, 200_000).map(delta),
)
HOURS = st.integers(0, LAST)


@settings(deadline=None)
@given(timetable=TIMETABLES, ends=st.tuples(HOURS, HOURS), now=HOURS, taken=st.sets(st.integers(0, 40)))
def test_missing_and_due_ticks_are_those_that_a_batch_creates(
    timetable: dict[str, object], ends: tuple[int, int], now: int, taken: set[int]
) -> None:
    low, high = min(ends), max(ends) + 1
    asyncio.run(_check(timetable, FIRST + low * HOUR, FIRST + high * HOUR, FIRST + now * HOUR, taken))


async def _check(timetable: dict[str, object], start: datetime, end: datetime, now: datetime, taken: set[int]) -> None:
    world = MemoryWorld()
    await world.add_dag("a", serialized=serialized(timetable))
    service = Service(world.store, clock=lambda: now)
    for place, tick in enumerate(await _all(service, start, end, limit=500)):
        if place in taken:
            await world.add_run("a", f"manual__{place}", tick.execution_date)
    listed = await _all(service, start, end, limit=7)
    result = await service.create_batch(BatchRequest("a", Prefix("etl"), start, end))
    assert [run.logical_date for run in result.runs] == [
        tick.execution_date for tick in listed if tick.fate == "missing"
    ]
    assert result.skipped == sum(tick.dag_run is not None and tick.is_due for tick in listed)


async def _all(service: Service, start: datetime, end: datetime, *, limit: int) -> list[Tick]:
    found: list[Tick] = []
    following: datetime | None = start
    while following is not None:
        page = await service.ticks("a", following, end, limit=limit)
        found += page.ticks
        following = page.next_start
    return found
