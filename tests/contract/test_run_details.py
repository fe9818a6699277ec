"""One run in full, on every store: what its whole row says, and what its Airflow does not keep."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.airflow.layout import Generation
from dagrun_api.batches.service import Service
from dagrun_api.errors import NotFound
from dagrun_api.model import BatchRequest, Prefix, RunDetail, RunToCreate
from tests.conftest import LAYOUTS
from tests.databases.worlds import SQLWorld, World

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

BACKENDS = ("sqlite", "postgres")

KEEPING_JSON = [
    f"{backend}-{layout}" for backend in BACKENDS for layout in LAYOUTS if layout[0] == "3" or layout == "standalone"
]
"""The worlds with tables whose conf is JSON."""

KEEPING_PICKLES = [f"{backend}-{layout}" for backend in BACKENDS for layout in LAYOUTS if layout[0] in "12"]


def has(world: World, column: str) -> bool:
    """Return whether runs have a column here."""
    return not isinstance(world, SQLWorld) or world.layout.has("dag_run", column)


def keeps_json(world: World) -> bool:
    """Return whether a conf is JSON here."""
    pickling = (Generation.AIRFLOW_1, Generation.AIRFLOW_2)
    return not isinstance(world, SQLWorld) or world.layout.generation not in pickling


async def detail(world: World, run_id: str = "r") -> RunDetail:
    return await Service(world.store).run(run_id, "a")


async def test_it_begins_with_what_the_list_says(world: World) -> None:
    listed = await world.add_run("a", "r", NOON, state="running", external=False, start_date=NOON + DAY)
    found = await detail(world)
    assert {name: getattr(found, name) for name in listed._fields} == listed._asdict()


async def test_its_dates_are_there_where_the_tables_have_them(world: World) -> None:
    await world.add_dag("a")
    await world.reach("a", NOON + 9 * DAY)
    now = NOON + 30 * DAY
    runs = (RunToCreate(NOON), RunToCreate(NOON + DAY, {"why": "late"}))
    request = BatchRequest("a", Prefix("etl"), runs=runs, conf={"why": "try it"})
    created = await Service(world.store, clock=lambda: now).create_batch(request)
    for place, run_id in enumerate(created.run_ids):
        found, date = await detail(world, run_id), NOON + place * DAY
        interval = (date, date + DAY) if has(world, "data_interval_start") else (None, None)
        assert (found.data_interval_start, found.data_interval_end) == interval
        assert found.run_after == (date + DAY if has(world, "run_after") else None)
        assert found.queued_at == (now if has(world, "queued_at") and world.state_at_birth == "queued" else None)
        expected = {"why": ["try it", "late"][place]} if keeps_json(world) else None
        assert (None if found.conf is None else json.loads(found.conf)) == expected


async def test_a_run_lasts_from_its_start_to_its_end(world: World) -> None:
    begun, ended = NOON + DAY, NOON + DAY + timedelta(minutes=1, microseconds=250_000)
    await world.add_run("a", "over", NOON, start_date=begun, end_date=ended)
    await world.add_run("a", "runs", NOON + DAY, state="running", start_date=begun)
    await world.add_run("a", "cancelled", NOON + 2 * DAY, state="failed", end_date=ended)
    assert [(await detail(world, each)).duration for each in ("over", "runs", "cancelled")] == [60.25, None, None]


async def test_a_run_that_is_gone_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match=r"^Dag run id not found$"):
        await detail(world)


@pytest.mark.parametrize("world", KEEPING_JSON, indirect=True)
@pytest.mark.parametrize(
    "conf",
    ['{"a": [1, {"b": null}], "é": "\\u2028"}', "{}", '{"big": 123456789012345678901234567890}'],
)
async def test_a_conf_is_the_object_that_stands_there(world: SQLWorld, conf: str) -> None:
    await world.add_run("a", "r", NOON)
    await world.execute("UPDATE dag_run SET conf = ?", [conf])
    found = (await detail(world)).conf
    assert found is not None
    assert json.loads(found) == json.loads(conf)


@pytest.mark.parametrize("world", KEEPING_JSON, indirect=True)
@pytest.mark.parametrize("conf", ["null", "[1]", '"x"', "7"])
async def test_a_conf_that_is_no_object_is_left_out(world: SQLWorld, conf: str) -> None:
    await world.add_run("a", "r", NOON)
    await world.execute("UPDATE dag_run SET conf = ?", [conf])
    assert (await detail(world)).conf is None


@pytest.mark.parametrize("world", ["sqlite-3.3.2", "sqlite-standalone"], indirect=True)
@pytest.mark.parametrize("conf", ["{", '{"a": NaN}', '{"a": "\\ud800"}', pickle.dumps({"a": 1}), 7.5])
async def test_a_conf_that_is_no_json_is_left_out(world: SQLWorld, conf: object) -> None:
    await world.add_run("a", "r", NOON)
    await world.execute("UPDATE dag_run SET conf = ?", [conf])
    assert (await detail(world)).conf is None


@pytest.mark.parametrize("world", KEEPING_PICKLES, indirect=True)
async def test_a_pickle_is_never_read(world: SQLWorld) -> None:
    await world.add_run("a", "r", NOON)
    await world.execute("UPDATE dag_run SET conf = ?", [pickle.dumps({"a": 1}, 2)])
    assert (await detail(world)).conf is None
