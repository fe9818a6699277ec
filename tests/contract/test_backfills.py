"""Native backfills: batches with a limit of their own, on every Airflow that has them and in the built-in database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import Conflict, InvalidRequest
from dagrun_api.model import Backfill, BatchRequest, BatchResult, Prefix, RunFilter, RunToCreate, RunType
from dagrun_api_sqlite.timestamps import from_text
from tests.conftest import WORLDS
from tests.databases.worlds import SQLWorld, World, serialized

NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
NOON = FIRST + timedelta(hours=12)
DAY = timedelta(days=1)
ETL = Prefix("etl")

_OLD = ("1.10.15", "2.0.2", "2.1.4", "2.2.5", "2.3.4", "2.6.3", "2.11.2")

native = pytest.mark.parametrize("world", [name for name in WORLDS if not name.endswith(_OLD)], indirect=True)
in_sql = pytest.mark.parametrize(
    "world", [name for name in WORLDS if not name.endswith((*_OLD, "memory"))], indirect=True
)


def window(days: int, *, start: datetime = FIRST, limit: int | None = 2, **more: Any) -> BatchRequest:
    return BatchRequest("a", ETL, start, start + days * DAY, max_active_runs=limit, **more)


async def create(world: World, request: BatchRequest) -> BatchResult:
    return await Service(world.store, clock=lambda: NOW).create_batch(request)


async def backfills(world: SQLWorld) -> list[dict[str, Any]]:
    names = list(world.layout.columns["backfill"])
    rows = await world.execute(f"SELECT {', '.join(names)} FROM backfill ORDER BY id")
    return [dict(zip(names, row, strict=True)) for row in rows]


async def order(world: SQLWorld) -> list[str]:
    """Return the run ids as Airflow starts them."""
    rows = await world.execute(
        "SELECT r.run_id FROM backfill_dag_run a JOIN dag_run r ON r.id = a.dag_run_id "
        "WHERE a.backfill_id = r.backfill_id ORDER BY a.sort_ordinal"
    )
    return [run_id for (run_id,) in rows]


def instant(value: Any) -> datetime:
    found = from_text(value) if isinstance(value, str) else value
    assert isinstance(found, datetime)
    return found


@native
async def test_a_limit_makes_a_batch_a_native_backfill(world: World) -> None:
    await world.add_dag("a")
    result = await create(world, window(3))
    assert (len(result.runs), result.run_type, result.max_active_runs) == (3, RunType.BACKFILL, 2)
    (part,) = await world.store.progress(ETL, None)
    assert part.backfill == Backfill(result.backfill_id or 0, 2, is_paused=False, has_ended=False)
    assert {run.external_trigger for run in await world.store.runs(RunFilter(), after=0, limit=9)} == {True}


@in_sql
async def test_every_column_has_the_value_that_airflow_reads(world: SQLWorld) -> None:
    await world.add_dag("a")
    result = await create(world, window(3, conf={"key": "é"}))
    (row,) = await backfills(world)
    conf = row.pop("dag_run_conf")
    assert (json.loads(conf) if isinstance(conf, str) else conf) == {"key": "é"}
    dates = {name: instant(row.pop(name)) for name in ("from_date", "to_date", "created_at", "updated_at")}
    assert list(dates.values()) == [NOON, NOON + 2 * DAY, NOW, NOW]
    assert row.pop("triggering_user_name", "dagrun-api") == "dagrun-api"
    assert row == {
        "id": result.backfill_id,
        "dag_id": "a",
        "is_paused": False,
        "reprocess_behavior": "none",
        "max_active_runs": 2,
        "completed_at": None,
    }
    runs = await world.runs_of("a")
    assert [(run["run_type"], run["backfill_id"], run["state"]) for run in runs] == [
        ("backfill", result.backfill_id, "queued")
    ] * 3
    assert {run.get("triggered_by", "BACKFILL") for run in runs} == {"BACKFILL"}
    joined = await world.execute("SELECT backfill_id, dag_run_id, logical_date FROM backfill_dag_run ORDER BY id")
    assert [(id_, run_id, instant(date)) for id_, run_id, date in joined] == [
        (result.backfill_id, run["id"], NOON + place * DAY) for place, run in enumerate(runs)
    ]


@in_sql
@pytest.mark.parametrize("backwards", [False, True])
async def test_runs_of_several_calls_are_in_one_order(world: SQLWorld, backwards: bool) -> None:
    await world.add_dag("a")
    for start, days in ((NOON + 10 * DAY, 3), (NOON + 20 * DAY, 2), (NOON, 2)):
        await create(world, window(days, start=start, run_backwards=backwards))
    assert len(await backfills(world)) == 1
    dates = [run_id.rpartition("_")[2] for run_id in await order(world)]
    assert len(dates) == 10
    if backwards:
        assert dates == sorted(dates, reverse=True)
    else:
        # The first run of the first call stays the first: only that one may pass what depends on the past.
        assert dates[0] == "2017-09-11T12:00:00"
        assert dates[1:] == sorted(dates[1:])


@in_sql
@pytest.mark.parametrize("backwards", [False, True])
async def test_dates_beyond_four_bytes_of_seconds_are_in_order_too(world: SQLWorld, backwards: bool) -> None:
    await world.add_dag("a")
    years = [1700, 1960, 2100]
    for year in years:
        service = Service(world.store, clock=lambda: datetime(2101, 1, 1, tzinfo=UTC))
        await service.create_batch(window(2, start=datetime(year, 1, 1, tzinfo=UTC), run_backwards=backwards))
    found = [int(run_id.rpartition("_")[2][:4]) for run_id in await order(world)]
    assert found[-2:] == ([1700] * 2 if backwards else [2100] * 2)
    assert sorted(found[:4]) == ([1960] * 2 + [2100] * 2 if backwards else [1700] * 2 + [1960] * 2)


@native
async def test_a_later_call_joins_and_its_limit_holds(world: World) -> None:
    await world.add_dag("a")
    first = await create(world, window(3))
    again = await create(world, window(5, limit=7))
    assert (len(again.runs), again.skipped, again.backfill_id, again.max_active_runs) == (2, 3, first.backfill_id, 7)
    plain = await create(world, window(6, limit=None))
    assert (len(plain.runs), plain.backfill_id, plain.max_active_runs) == (1, first.backfill_id, 7)
    (part,) = await world.store.progress(ETL, "a")
    assert (part.total, part.backfill_id, part.max_active_runs) == (6, first.backfill_id, 7)


@native
async def test_a_call_that_creates_nothing_changes_no_limit(world: World) -> None:
    await world.add_dag("a")
    first = await create(world, window(3))
    again = await create(world, window(3, limit=7))
    assert (again.runs, again.backfill_id, again.max_active_runs) == ([], first.backfill_id, 2)
    assert "No run was created, so the backfill keeps its max_active_runs (2)." in again.warnings
    assert (await create(world, window(3))).warnings == []
    other = await create(world, replace(window(3), prefix=Prefix("other")))
    assert (other.runs, other.backfill_id, other.max_active_runs) == ([], None, None)
    (part,) = await world.store.progress(ETL, "a")
    assert part.max_active_runs == 2


@in_sql
async def test_joining_widens_and_reopens(world: SQLWorld) -> None:
    await world.add_dag("a")
    await create(world, window(1, start=FIRST + 5 * DAY))
    # As Airflow leaves one that it has cancelled.
    await world.execute("UPDATE backfill SET completed_at = updated_at, is_paused = TRUE")
    result = await create(world, window(8))
    assert not any("paused" in each for each in result.warnings)
    (row,) = await backfills(world)
    assert (row["completed_at"], bool(row["is_paused"])) == (None, False)
    assert (instant(row["from_date"]), instant(row["to_date"])) == (NOON, NOON + 7 * DAY)


@native
async def test_one_that_is_paused_stays_paused_when_it_is_joined(world: World) -> None:
    await world.add_dag("a")
    await create(world, window(1))
    service = Service(world.store, clock=lambda: NOW)
    assert await service.pause_batch(ETL, None, True) == ["a"]
    joined = await create(world, window(2))
    assert any("is paused: its runs wait" in each for each in joined.warnings)
    (part,) = await world.store.progress(ETL, None)
    assert part.is_paused is True
    assert await service.pause_batch(ETL, None, False) == ["a"]
    assert await service.pause_batch(ETL, None, False) == ["a"]
    assert [part.is_paused for part in await world.store.progress(ETL, None)] == [False]


@native
async def test_an_ordinary_batch_cannot_become_one(world: World) -> None:
    await world.add_dag("a")
    await create(world, window(1, limit=None))
    with pytest.raises(Conflict, match="ordinary ones"):
        await create(world, window(3))
    with pytest.raises(Conflict, match="ordinary ones"):
        await Service(world.store).pause_batch(ETL, None, True)


@native
async def test_a_single_manual_run_stays_beside_the_backfill(world: World) -> None:
    await world.add_dag("a")
    first = await create(world, window(1))
    single = await create(world, BatchRequest("a", ETL))
    assert (len(single.runs), single.run_type, single.backfill_id) == (1, RunType.MANUAL, None)
    again = await create(world, window(2))
    assert again.backfill_id == first.backfill_id


@native
async def test_a_dry_run_says_what_would_be_written(world: World) -> None:
    await world.add_dag("a")
    for days in (2, 3):
        said = await create(world, window(days, dry_run=True))
        done = await create(world, window(days))
        assert (said.runs, said.run_type, said.max_active_runs) == (done.runs, RunType.BACKFILL, 2)
        assert said.warnings == done.warnings
        assert said.backfill_id in (None, done.backfill_id)


@native
async def test_an_explicit_list_can_be_one(world: World) -> None:
    await world.add_dag("a")
    runs = (RunToCreate(NOON + DAY, {"n": 1}), RunToCreate(NOON))
    result = await create(world, BatchRequest("a", ETL, runs=runs, max_active_runs=1))
    assert (len(result.runs), result.run_type) == (2, RunType.BACKFILL)


@native
async def test_cancelling_ends_it_and_its_pause(world: World) -> None:
    await world.add_dag("a")
    await create(world, window(3))
    service = Service(world.store, clock=lambda: NOW)
    await service.pause_batch(ETL, "a", True)
    assert (await service.cancel(ETL, "a")).cancelled == 3
    (part,) = await world.store.progress(ETL, "a")
    assert (part.is_paused, part.backfill and part.backfill.has_ended) == (False, True)
    with pytest.raises(Conflict, match="has ended"):
        await service.pause_batch(ETL, "a", True)
    assert await service.pause_batch(ETL, "a", False) == ["a"]


@in_sql
async def test_one_with_a_started_run_is_left_to_the_scheduler(world: SQLWorld) -> None:
    await world.add_dag("a")
    await create(world, window(3))
    await world.execute("UPDATE dag_run SET state = 'running' WHERE run_id LIKE '%0000001%'")
    await Service(world.store, clock=lambda: NOW).cancel(ETL, "a")
    assert [row["completed_at"] for row in await backfills(world)] == [None]


@native
async def test_several_may_be_open_at_once(world: World) -> None:
    await world.add_dag("a")
    first = await create(world, window(1))
    other = await create(world, BatchRequest("a", Prefix("x"), FIRST + DAY, FIRST + 2 * DAY, max_active_runs=1))
    assert first.backfill_id != other.backfill_id


@in_sql
async def test_a_backfill_of_airflow_that_took_runs_over_is_not_joined(world: SQLWorld) -> None:
    await world.add_dag("a")
    await create(world, window(2))
    await world.execute("UPDATE backfill SET reprocess_behavior = 'completed'")
    assert (await create(world, window(3, limit=None))).backfill_id is None
    with pytest.raises(Conflict, match="ordinary ones"):
        await create(world, window(4))
    assert [part.backfill for part in await world.store.progress(ETL, "a")] == [None]


@pytest.mark.parametrize(
    "world", [f"{kind}-{release}" for kind in ("sqlite", "postgres") for release in _OLD], indirect=True
)
async def test_an_airflow_without_backfills_refuses_the_limit(world: SQLWorld) -> None:
    await world.add_dag("a")
    await world.reach("a", NOON + 9 * DAY)
    with pytest.raises(InvalidRequest, match="create --max-active-runs N` or Client"):
        await create(world, window(3))


@in_sql
async def test_tasks_that_depend_on_the_past_forbid_the_newest_first(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(tasks=[{"__var": {"depends_on_past": True}}]))
    with pytest.raises(InvalidRequest, match="depend on the past"):
        await create(world, window(3, run_backwards=True))
    assert len((await create(world, window(3))).runs) == 3
