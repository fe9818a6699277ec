"""Rows that Airflow and other tools wrote, in every generation: each list still answers."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, Prefix, RunFilter
from tests.databases.worlds import SQLiteWorld, SQLWorld, serialized

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def on(*releases: str, backends: tuple[str, ...] = ("sqlite", "postgres")) -> pytest.MarkDecorator:
    worlds = [f"{backend}-{release}" for release in releases for backend in backends]
    return pytest.mark.parametrize("world", worlds, indirect=True)


@on("3.0.6", "3.1.8", "3.2.2", "3.3.2")
async def test_airflow_3_runs_without_a_logical_date_are_listed(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.insert("dag_run", _manual(world, "manual__1"))
    await world.insert("dag_run", _manual(world, "manual__2"))
    runs = await world.store.runs(RunFilter(external_trigger=True), after=0, limit=9)
    assert [(run.run_id, run.execution_date) for run in runs] == [("manual__1", None), ("manual__2", None)]
    (dag,) = await world.store.dags()
    assert dag.last_execution is None
    result = await Service(world.store).create_batch(BatchRequest("a", Prefix("etl"), NOON, NOON + DAY))
    assert len(result.run_ids) == 2


@on("1.10.15", "2.0.2", "2.11.2", "3.0.6", "3.1.8")
async def test_flags_that_are_null_mean_what_airflow_takes_them_for(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET is_paused = NULL")
    (dag,) = await world.store.dags()
    assert dag.is_paused is False
    live = "is_stale" if world.layout.has("dag", "is_stale") else "is_active"
    await world.execute(f"UPDATE dag SET {live} = NULL")
    assert [dag.dag_id for dag in await world.store.dags()] == (["a"] if live == "is_stale" else [])


@on("1.10.15", "2.0.2", "2.11.2")
async def test_sub_dags_are_not_listed_and_get_no_runs(world: SQLWorld) -> None:
    await world.add_dag("a.sub")
    await world.execute("UPDATE dag SET is_subdag = TRUE")
    assert await world.store.dags() == []
    async with world.store.batch("a.sub") as batch:
        assert batch.dag is None


@on("1.10.15", "2.11.2")
async def test_a_run_without_the_trigger_flag_is_recognized_by_its_id(world: SQLWorld) -> None:
    await world.add_run("a", "scheduled__2017-09-01T12:00:00+00:00", NOON)
    await world.add_run("a", "my_own", NOON + DAY)
    await world.execute("UPDATE dag_run SET external_trigger = NULL")
    runs = await world.store.runs(RunFilter(), after=0, limit=9)
    assert [run.external_trigger for run in runs] == [False, True]
    for external in (False, True):
        (run,) = await world.store.runs(RunFilter(external_trigger=external), after=0, limit=9)
        assert run.external_trigger is external


@on("1.10.15", "2.0.2", "2.1.4")
async def test_a_run_that_names_no_dag_is_found_by_its_id(world: SQLWorld) -> None:
    await world.add_run("a", "lost", NOON)
    await world.add_run("b", "kept", NOON)
    await world.execute("UPDATE dag_run SET dag_id = NULL WHERE run_id = 'lost'")
    (run,) = await world.store.runs_named("lost", None, limit=4)
    assert (run.run_id, run.dag_id) == ("lost", None)


@on("3.1.8", "3.3.2")
@pytest.mark.parametrize(
    ("run_type", "external"),
    [
        ("manual", True),
        ("scheduled", False),
        ("backfill", True),
        ("asset_triggered", False),
        ("operator_triggered", True),
    ],
)
async def test_airflow_3_tells_the_trigger_by_the_type_of_the_run(
    world: SQLWorld, run_type: str, external: bool
) -> None:
    await world.add_run("a", "r", NOON)
    await world.execute("UPDATE dag_run SET run_type = ?", [run_type])
    (run,) = await world.store.runs(RunFilter(), after=0, limit=9)
    assert run.external_trigger is external


@on("1.10.15", "2.11.2", "3.1.8", "standalone", backends=("sqlite",))
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2017-09-01 12:00:00", NOON),
        ("2017-09-01T12:00:00Z", NOON),
        ("2017-09-01 14:00:00.000000+02:00", NOON),
        ("2017-09-01 12:00:00.000000", NOON),
        ("2017-09-01", datetime(2017, 9, 1, tzinfo=UTC)),
        ("yesterday", None),
        (1504267200, None),
        (b"\xff", None),
    ],
)
async def test_timestamps_in_other_forms_are_read_where_they_can_be(
    world: SQLiteWorld, text: object, read: datetime | None
) -> None:
    await world.add_run("a", "r", NOON)
    await world.execute(f"UPDATE dag_run SET {world.layout.date_column} = ?, start_date = ?", [text, text])
    (run,) = await world.store.runs(RunFilter(), after=0, limit=9)
    assert (run.execution_date, run.start_date) == (read, read)


@on("2.3.4", "2.11.2", "3.0.6", "3.3.2")
async def test_a_compressed_serialized_form_is_read(world: SQLWorld) -> None:
    await world.add_dag("a")
    compressed = zlib.compress(serialized("0 6 * * *").encode())
    await world.execute("UPDATE serialized_dag SET data = NULL, data_compressed = ?", [compressed])
    result = await Service(world.store).create_batch(BatchRequest("a", Prefix("etl"), NOON, NOON + DAY))
    assert result.run_ids == ["etl_0000001_2017-09-02T06:00:00"]


@on("3.0.6", "3.3.2")
async def test_of_several_versions_the_newest_counts_and_is_named(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized("0 6 * * *"))
    await world.add_version("a", serialized("0 7 * * *"))
    result = await Service(world.store).create_batch(BatchRequest("a", Prefix("etl"), NOON, NOON + DAY))
    assert result.run_ids == ["etl_0000001_2017-09-02T07:00:00"]
    ((newest,),) = await world.execute("SELECT id FROM dag_version WHERE version_number = 2")
    ((named,),) = await world.execute("SELECT created_dag_version_id FROM dag_run")
    assert named == newest


@on("2.11.2", "3.1.8", "standalone")
async def test_a_large_dag_is_parsed_once_and_not_with_every_batch(world: SQLWorld) -> None:
    tasks = [{"task_id": f"t{number}", "doc": "x" * 1000} for number in range(2000)]
    await world.add_dag("a", serialized=serialized(tasks=tasks))
    service = Service(world.store)
    reads = 0
    read = world.store.serialized_dag

    async def counted(dag_id: str) -> object:
        nonlocal reads
        reads += 1
        return await read(dag_id)

    world.store.serialized_dag = counted  # type: ignore[method-assign, assignment]
    for number in range(5):
        await service.create_batch(BatchRequest("a", Prefix("etl"), NOON + number * DAY, NOON + number * DAY))
    assert reads == 1
    assert len(await world.runs_of("a")) == 5


@on("2.11.2", "3.1.8")
@pytest.mark.parametrize("data", ["{}", '{"dag": {}}', '{"dag": {"timetable": 7}}', "[1]"])
async def test_a_damaged_serialized_dag_writes_nothing(world: SQLWorld, data: str) -> None:
    from dagrun_api.errors import InvalidTimetable

    await world.add_dag("a", serialized=data)
    with pytest.raises(InvalidTimetable):
        await Service(world.store).create_batch(BatchRequest("a", Prefix("etl"), NOON, NOON + DAY))
    assert await world.runs_of("a") == []


def _manual(world: SQLWorld, run_id: str) -> dict[str, object]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row: dict[str, object] = {
        "dag_id": "a",
        "run_id": run_id,
        "run_type": "manual",
        "run_after": now,
        "state": "queued",
    }
    return row | {"clear_number": 0, "span_status": "not_started", "conf": json.dumps({}), "queued_at": now}
