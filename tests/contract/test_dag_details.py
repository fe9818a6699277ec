"""One DAG with its schedule, on every store: what is read from its row, and what from its serialized form."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.airflow.layout import Generation
from dagrun_api.batches.service import Service
from dagrun_api.errors import NotFound
from dagrun_api.model import DagDetail
from tests.conftest import LAYOUTS
from tests.databases.worlds import SQLWorld, World, serialized

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

PLANNING = [
    f"{backend}-{layout}"
    for backend in ("sqlite", "postgres")
    for layout in LAYOUTS
    if layout not in ("standalone", "1.10.15")
]
"""The worlds whose scheduler writes down which run it creates next."""

on_planning = pytest.mark.parametrize("world", PLANNING, indirect=True)
on_airflow_1 = pytest.mark.parametrize("world", ["sqlite-1.10.15", "postgres-1.10.15"], indirect=True)


async def detail(world: World, dag_id: str = "a") -> DagDetail:
    return await Service(world.store).dag(dag_id)


def is_bare(world: World) -> bool:
    """Return whether a DAG needs no serialized form: the database of Airflow 1.10 then has its schedule only."""
    return isinstance(world, SQLWorld) and world.layout.generation is Generation.AIRFLOW_1


async def test_it_begins_with_what_the_list_says(world: World) -> None:
    await world.add_dag("a", is_paused=True)
    await world.add_run("a", "r1", NOON)
    (listed,) = await world.store.dags()
    found = await detail(world)
    assert listed[:5] == (found.dag_id, found.full_path, found.is_paused, found.is_draining, found.last_execution)


@pytest.mark.parametrize(
    ("json", "plain", "timetable", "texts"),
    [
        ('"30 6 * * *"', "30 6 * * *", "30 6 * * *", {"30 6 * * *"}),
        (
            '{"type": "timedelta", "attrs": {"days": 1, "seconds": 30, "microseconds": 0}}',
            "1 day, 0:00:30",
            {"__type": "airflow.timetables.interval.DeltaDataIntervalTimetable", "__var": {"delta": 86_430.0}},
            {"1 day, 0:00:30"},
        ),
        (
            '{"type": "relativedelta", "attrs": {"months": 2, "days": 0, "weekday": null}}',
            "months 2",
            {
                "__type": "airflow.timetables.interval.DeltaDataIntervalTimetable",
                "__var": {"delta": {"__type": "relativedelta", "__var": {"months": 2}}},
            },
            {"months 2"},
        ),
        (
            '"@once"',
            "@once",
            {"__type": "airflow.timetables.simple.OnceTimetable", "__var": {}},
            {"@once", "OnceTimetable"},
        ),
        ("null", "None", None, {None}),
    ],
)
async def test_the_list_and_the_detail_have_one_schedule(
    world: World, json: str, plain: str, timetable: object, texts: set[str | None]
) -> None:
    await world.add_dag("a", serialized=serialized(timetable))
    if isinstance(world, SQLWorld):
        await world.update_dag("a", {"timetable_summary": plain, "schedule_interval": json})
    (listed,) = await world.store.dags()
    assert listed.schedule == (await detail(world)).schedule
    assert listed.schedule in texts


async def test_the_list_says_when_the_next_run_is_due(world: World) -> None:
    await world.add_dag("a")
    due = NOON + DAY + timedelta(microseconds=123_457)
    if isinstance(world, SQLWorld):
        await world.update_dag("a", {"next_dagrun": NOON, "next_dagrun_create_after": due})
    (listed,) = await world.store.dags()
    is_planning = isinstance(world, SQLWorld) and world.layout.has("dag", "next_dagrun_create_after")
    assert listed.next_run_after == (await detail(world)).next_run_after == (due if is_planning else None)


@pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)
@pytest.mark.parametrize("endless", ["infinity", "-infinity"])
async def test_a_dag_that_is_never_due_breaks_no_list(world: SQLWorld, endless: str) -> None:
    await world.add_dag("a")
    await world.execute(f"UPDATE dag SET next_dagrun_create_after = '{endless}'")
    assert [each.next_run_after for each in await world.store.dags()] == [None]


async def test_the_latest_date_is_listed_beside_runs_without(world: World) -> None:
    await world.add_dag("a")
    for n, date in enumerate((NOON, NOON + DAY)):
        await world.add_run("a", f"r{n}", date)
    if isinstance(world, SQLWorld) and not world.layout.columns["dag_run"][world.layout.date_column].required:
        await world.add_run("a", "undated", NOON + 2 * DAY)
        await world.execute(f"UPDATE dag_run SET {world.layout.date_column} = NULL WHERE run_id = 'undated'")
    assert [dag.last_execution for dag in await world.store.dags()] == [NOON + DAY]


async def test_the_serialized_form_tells_the_schedule(world: World) -> None:
    dates = {"start_date": NOON.timestamp(), "end_date": (NOON + DAY).timestamp()}
    await world.add_dag("a", serialized=serialized("0 12 * * *", catchup=True, **dates))
    found = await detail(world)
    assert (found.schedule, found.timezone, found.catchup) == ("0 12 * * *", "UTC", True)
    assert (found.start_date, found.end_date, found.unlistable) == (NOON, NOON + DAY, None)


async def test_the_zone_is_that_of_the_timetable(world: World) -> None:
    cron = {"expression": "0 12 * * *", "timezone": "Europe/Amsterdam"}
    timetable: dict[str, object] = {"__type": "airflow.timetables.interval.CronDataIntervalTimetable", "__var": cron}
    await world.add_dag("a", serialized=serialized(timetable))
    assert (await detail(world)).timezone == "Europe/Amsterdam"
    with_assets = {"__type": "airflow.timetables.assets.AssetOrTimeSchedule", "__var": {"timetable": timetable}}
    await world.add_dag("a", serialized=serialized(with_assets))
    assert (await detail(world)).timezone == "Europe/Amsterdam"


async def test_a_dag_without_a_schedule_has_nothing_to_list(world: World) -> None:
    await world.add_dag("a", serialized=serialized(None, catchup=False))
    found = await detail(world)
    assert (found.schedule, found.catchup, found.next_execution) == (None, False, None)
    assert found.unlistable == "The DAG has no schedule: its runs are only ever triggered."


async def test_queued_and_running_runs_are_active_whatever_made_them(world: World) -> None:
    await world.add_dag("a")
    await world.add_dag("b")
    for n, (state, external) in enumerate(
        [("queued", True), ("running", True), ("running", False), ("success", False), ("failed", True)]
    ):
        await world.add_run("a", f"r{n}", NOON + n * DAY, state=state, external=external)
    await world.add_run("b", "r", NOON, state="running")
    assert [(await detail(world, dag_id)).active_runs for dag_id in ("a", "b")] == [3, 1]


@pytest.mark.parametrize("dag_id", ["gone", "never", "a\0b", "ä" * 300])
async def test_a_dag_that_is_not_live_is_not_found(world: World, dag_id: str) -> None:
    await world.add_dag("gone", is_live=False)
    with pytest.raises(NotFound, match=r"^(?s:Dag id .+ not found)$"):
        await detail(world, dag_id)


async def test_without_a_serialized_form_the_rest_is_there(world: World) -> None:
    await world.add_dag("a", serialized=None)
    await world.add_run("a", "r1", NOON, state="running")
    found = await detail(world)
    assert (found.last_execution, found.active_runs) == (NOON, 1)
    assert (found.timezone, found.start_date, found.catchup) == (None, None, None)
    told = "The DAG has no schedule" if is_bare(world) else "The DAG has no serialized form"
    assert found.unlistable is not None
    assert found.unlistable.startswith(told)


@pytest.mark.parametrize("form", ['{"dag": 1}', "[]", serialized("61 12 * * *"), serialized("0 12 * * *", tasks=[7])])
async def test_a_damaged_form_is_told_and_breaks_nothing(world: World, form: str) -> None:
    await world.add_dag("a", serialized=form)
    found = await detail(world)
    assert [each.dag_id for each in await world.store.dags()] == ["a"]
    is_readable = "tasks" in form and "61 " not in form
    assert (found.unlistable is None) == is_readable
    assert found.dag_id == "a"


@pytest.mark.parametrize("world", ["sqlite-standalone"], indirect=True)
async def test_a_form_that_is_no_json_is_told_and_breaks_nothing(world: World) -> None:
    await world.add_dag("a", serialized="{")
    assert [each.schedule for each in await world.store.dags()] == [None]
    assert (await detail(world)).unlistable is not None


async def test_a_new_form_is_seen_at_once(world: World) -> None:
    service = Service(world.store)
    for cron in ("0 12 * * *", "0 2 * * *"):
        await world.add_dag("a", serialized=serialized(cron))
        assert (await service.dag("a")).schedule == cron


@on_planning
async def test_the_row_tells_what_airflow_plans(world: SQLWorld) -> None:
    await world.add_dag("a")
    is_3 = world.layout.generation is Generation.AIRFLOW_3
    column, text = ("timetable_summary", "30 6 * * *") if is_3 else ("schedule_interval", '"30 6 * * *"')
    await world.update_dag(
        "a",
        {
            column: text,
            "next_dagrun": NOON,
            "next_dagrun_create_after": NOON + DAY,
            "owners": "ops, etl",
            "description": "Söme words",
            "max_active_runs": 3,
            "has_import_errors": True,
        },
    )
    found = await detail(world)
    assert (found.schedule, found.owners, found.description) == ("30 6 * * *", "ops, etl", "Söme words")
    assert (found.next_execution, found.next_run_after) == (NOON, NOON + DAY)
    assert found.max_active_runs == (3 if world.layout.has("dag", "max_active_runs") else None)
    assert found.has_import_errors == world.layout.has("dag", "has_import_errors")


@on_planning
async def test_a_dag_that_has_no_further_run_is_planned_none(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.add_run("a", "scheduled__1", NOON, external=False)
    found = await detail(world)
    assert (found.next_execution, found.next_run_after) == (None, None)


@on_planning
async def test_a_tick_held_back_by_active_runs_is_due_as_scheduled(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.update_dag("a", {"next_dagrun": NOON, "next_dagrun_create_after": None})
    found = await detail(world)
    # The data interval of a day ends a day later.
    assert (found.next_execution, found.next_run_after) == (NOON, NOON + DAY)
    assert [each.next_run_after for each in await world.store.dags()] == [None]


@on_planning
@pytest.mark.parametrize(
    ("cron", "interval", "due"),
    [
        ("0 12 * * *", 0.0, NOON),
        ("* * * * *", 86_400.0, NOON + DAY),
        # The schedule has changed, and the file was not parsed since then.
        ("30 6 * * *", 0.0, None),
    ],
)
async def test_a_trigger_that_is_held_back_is_due_at_its_tick(
    world: SQLWorld, cron: str, interval: float, due: datetime | None
) -> None:
    trigger = "airflow.timetables.trigger.CronTriggerTimetable"
    fields = {"expression": cron, "timezone": "UTC", "interval": interval}
    await world.add_dag("a", serialized=serialized({"__type": trigger, "__var": fields}))
    await world.update_dag("a", {"next_dagrun": NOON})
    assert (await detail(world)).next_run_after == due


@pytest.mark.parametrize("world", ["postgres-3.1.8", "sqlite-standalone"], indirect=True)
async def test_it_does_not_wait_for_who_writes_to_the_dag(world: World) -> None:
    await world.add_dag("a")
    async with world.store.turn("a"), world.store.batch("a"), asyncio.timeout(1):
        assert (await detail(world)).active_runs == 0


@on_airflow_1
async def test_airflow_1_goes_on_after_its_newest_own_run(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(end_date=(NOON + DAY).timestamp()))
    assert (await detail(world)).next_execution is None
    await world.add_run("a", "scheduled__1", NOON, external=False)
    await world.add_run("a", "etl_1", NOON + 5 * DAY)
    found = await detail(world)
    assert (found.next_execution, found.next_run_after) == (NOON + DAY, NOON + 2 * DAY)
    await world.add_run("a", "scheduled__2", NOON + DAY, external=False)
    assert (await detail(world)).next_execution is None


@on_airflow_1
async def test_airflow_1_has_a_schedule_without_a_form(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=None)
    await world.update_dag("a", {"schedule_interval": '{"type": "timedelta", "attrs": {"days": 1, "seconds": 0}}'})
    found = await detail(world)
    assert (found.schedule, found.timezone, found.catchup) == ("1 day, 0:00:00", None, None)
    assert found.unlistable is None


@pytest.mark.parametrize(
    "world", ["sqlite-1.10.15", "sqlite-2.0.2", "postgres-1.10.15", "postgres-2.0.2"], indirect=True
)
async def test_old_releases_keep_max_active_runs_in_the_form(world: World) -> None:
    await world.add_dag("a", serialized=serialized(max_active_runs=7))
    assert (await detail(world)).max_active_runs == 7


@pytest.mark.parametrize("world", ["memory", "sqlite-standalone", "postgres-standalone"], indirect=True)
async def test_the_built_in_database_has_no_scheduler(world: World) -> None:
    await world.add_dag("a")
    await world.add_run("a", "scheduled__1", NOON, external=False)
    found = await detail(world)
    assert (found.next_execution, found.next_run_after) == (None, None)
