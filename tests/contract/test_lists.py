"""Explicit lists of runs and dry runs, on every store."""

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagrun_api.batches.service import Service
from dagrun_api.errors import DagrunApiError, InvalidRequest
from dagrun_api.model import BatchRequest, Prefix, RunFilter, RunToCreate
from tests.conftest import WORLDS
from tests.databases.worlds import MemoryWorld, SQLWorld, World, serialized

NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

TRIGGER: dict[str, object] = {
    "__type": "airflow.timetables.trigger.CronTriggerTimetable",
    "__var": {"expression": "0 12 * * *", "timezone": "UTC", "interval": 86400.0},
}


def listed(*dates: datetime, **confs: object) -> BatchRequest:
    return BatchRequest("a", Prefix("etl"), runs=tuple(RunToCreate(date) for date in dates), conf=confs)


def service(world: World) -> Service:
    return Service(world.store, clock=lambda: NOW)


@pytest.fixture(autouse=True)
async def dag(world: World) -> None:
    await world.add_dag("a")
    await world.reach("a", datetime(2018, 2, 27, 12, tzinfo=UTC))


async def dates(world: World) -> list[datetime | None]:
    runs = await world.store.runs(RunFilter(dag_id="a", external_trigger=True), after=0, limit=999)
    return [run.execution_date for run in runs]


async def test_each_date_of_a_list_gets_a_run_on_or_off_a_tick(world: World) -> None:
    off = NOON + timedelta(minutes=17)
    result = await service(world).create_batch(listed(NOON + DAY, off, NOON))
    assert result.run_ids == [
        "etl_0000001_2017-09-01T12:00:00",
        "etl_0000002_2017-09-01T12:17:00",
        "etl_0000003_2017-09-02T12:00:00",
    ]
    intervals = [(run.data_interval_start, run.data_interval_end) for run in result.runs]
    # On a tick, what the schedule would give; off it, the last complete interval, as Airflow infers it.
    assert intervals == [(NOON, NOON + DAY), (NOON - DAY, NOON), (NOON + DAY, NOON + 2 * DAY)]


async def test_dates_that_stand_are_skipped_and_a_repetition_adds_none(world: World) -> None:
    await service(world).create_batch(listed(NOON))
    result = await service(world).create_batch(listed(NOON, NOON + DAY))
    assert (len(result.run_ids), result.skipped_run_ids) == (1, ["etl_0000001_2017-09-01T12:00:00"])
    assert await dates(world) == [NOON, NOON + DAY]


async def test_a_list_takes_a_dag_without_a_schedule(world: World) -> None:
    await world.add_dag("a", serialized=serialized(None))
    assert len((await service(world).create_batch(listed(NOON, NOON + DAY))).run_ids) == 2


async def test_the_execution_date_is_the_one_that_was_asked_for(world: World) -> None:
    await world.add_dag("a", serialized=serialized(TRIGGER))
    (run,) = (await service(world).create_batch(listed(NOON))).runs
    assert (run.logical_date, run.data_interval_start, run.data_interval_end) == (NOON, NOON - DAY, NOON)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ([NOON, NOON], "twice"),
        ([NOON, NOW + DAY], "lies in the future"),
        # Its interval ends today at noon.
        ([NOON, datetime(2018, 2, 28, 12, tzinfo=UTC)], "not due before 2018-03-01T12:00:00Z"),
    ],
)
async def test_one_date_that_cannot_be_refuses_the_whole_list(world: World, wanted: list[datetime], told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        await service(world).create_batch(listed(*wanted))
    assert await dates(world) == []


@pytest.mark.parametrize("world", [name for name in WORLDS if name != "memory"], indirect=True)
async def test_each_run_has_its_own_conf_over_the_common_one(world: SQLWorld) -> None:
    wishes = (RunToCreate(NOON, {"x": 1, "y": "ä"}), RunToCreate(NOON + DAY))
    await service(world).create_batch(BatchRequest("a", Prefix("etl"), conf={"x": 0, "z": None}, runs=wishes))
    rows = [row for row in await world.runs_of("a") if row["run_id"].startswith("etl_")]
    confs = [
        pickle.loads(row["conf"]) if isinstance(row["conf"], bytes) else json.loads(row["conf"])  # noqa: S301  # ours
        for row in rows
    ]
    assert confs == [{"x": 1, "y": "ä", "z": None}, {"x": 0, "z": None}]


async def test_ticks_with_one_logical_date_get_one_run_and_a_warning(world: World) -> None:
    monthly = {"expression": "0 0 29-31 * *", "timezone": "UTC", "interval": {"months": 1}}
    await world.add_dag("a", serialized=serialized({"__type": TRIGGER["__type"], "__var": monthly}))
    march = datetime(2017, 3, 1, tzinfo=UTC)
    result = await service(world).create_batch(BatchRequest("a", Prefix("etl"), march, march + 31 * DAY))
    assert result.run_ids == ["etl_0000001_2017-02-28T00:00:00"]
    assert any("2 ticks have the logical date of another" in warning for warning in result.warnings)


async def test_500_runs_with_confs_of_their_own_go_in_together(world: World) -> None:
    await world.add_dag("a", serialized=serialized(None))
    wishes = tuple(RunToCreate(NOON + n * timedelta(minutes=1), {"n": n}) for n in range(500))
    assert len((await service(world).create_batch(BatchRequest("a", Prefix("etl"), runs=wishes))).run_ids) == 500
    assert len(await dates(world)) == 500


REQUESTS = st.builds(
    BatchRequest,
    st.sampled_from(["a", "b", "gone"]),
    st.sampled_from(["etl_", "x"]),
    st.one_of(st.none(), st.integers(-3, 40).map(lambda n: NOON + n * DAY / 2)),
    st.one_of(st.none(), st.integers(-3, 40).map(lambda n: NOON + n * DAY / 2)),
    st.integers(1, 12),
    st.booleans(),
)


@pytest.mark.parametrize("world", ["memory"], indirect=True)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.lists(REQUESTS, max_size=3), request_=REQUESTS, is_paused=st.booleans())
async def test_a_dry_run_cannot_differ_from_the_real_one(
    world: World, before: list[BatchRequest], request_: BatchRequest, is_paused: bool
) -> None:
    world = MemoryWorld()
    await world.add_dag("a", is_paused=is_paused)
    await world.add_dag("b", serialized=serialized(end_date=(NOON + 12 * DAY).timestamp()))
    for earlier in before:
        with suppress(DagrunApiError):
            await service(world).create_batch(earlier)
    stood = list(world.store.stored_runs)
    rehearsed = await outcome(world, replace(request_, dry_run=True))
    assert world.store.stored_runs == stood, "a dry run writes nothing"
    assert rehearsed == await outcome(world, request_)


async def outcome(world: World, request: BatchRequest) -> object:
    try:
        return await service(world).create_batch(request)
    except DagrunApiError as error:
        return type(error), str(error)
