"""What every store promises about writing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.errors import RunsTaken
from dagrun_api.model import LastRun, PlannedRun, Prefix, RunFilter
from tests.databases.worlds import World

NOON = datetime(2017, 9, 19, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2017, 12, 1, tzinfo=UTC)


def specs(prefix: str, count: int, *, first: int = 1) -> list[PlannedRun]:
    dates = [NOON + number * DAY for number in range(count)]
    return [
        PlannedRun(f"{prefix}_{number:07d}_{date:%Y-%m-%dT%H:%M:%S}", date, date, date + DAY, date + DAY)
        for number, date in enumerate(dates, first)
    ]


async def all_ids(world: World) -> list[str]:
    return [str(run.run_id) for run in await world.store.runs(RunFilter(), after=0, limit=1000)]


async def test_a_batch_is_there_when_its_transaction_ends(world: World) -> None:
    await world.add_dag("a")
    runs = specs("x", 500)
    async with world.store.batch("a") as batch:
        await batch.insert(runs, {"key": "é", "n": [1, 2.5, None, True]}, NOW)
    stored = await world.store.runs(RunFilter(dag_id="a"), after=0, limit=1000)
    assert [(run.run_id, run.execution_date) for run in stored] == [(run.run_id, run.logical_date) for run in runs]
    assert {run.state for run in stored} == {world.state_at_birth}
    assert {run.external_trigger for run in stored} == {True}


async def test_an_exception_leaves_nothing_behind(world: World) -> None:
    await world.add_dag("a")

    async def interrupted() -> None:
        async with world.store.batch("a") as batch:
            await batch.insert(specs("x", 10), {}, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await interrupted()
    assert await all_ids(world) == []
    async with world.store.batch("a") as batch:
        await batch.insert(specs("y", 2), {}, NOW)
    assert len(await all_ids(world)) == 2


async def test_an_abandoned_batch_leaves_nothing_and_holds_no_lock(world: World) -> None:
    await world.add_dag("a")
    inserted = asyncio.Event()

    async def stuck() -> None:
        async with world.store.batch("a") as batch:
            await batch.insert(specs("x", 10), {}, NOW)
            inserted.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(stuck())
    await inserted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with world.store.batch("a") as batch:
        await batch.insert(specs("y", 2), {}, NOW)
    assert len(await all_ids(world)) == 2


@pytest.mark.parametrize("taken", ["date", "run id"])
async def test_a_date_or_run_id_taken_by_another_fails_the_whole_batch(world: World, taken: str) -> None:
    await world.add_dag("a")
    runs = specs("x", 5)
    if taken == "date":
        await world.add_run("a", "theirs", runs[3].logical_date)
    else:
        await world.add_run("a", runs[3].run_id, NOON + 100 * DAY)

    async def insert() -> None:
        async with world.store.batch("a") as batch:
            await batch.insert(runs, {}, NOW)

    with pytest.raises(RunsTaken):
        await insert()
    assert len(await all_ids(world)) == 1


async def test_the_same_dates_and_run_ids_of_another_dag_do_not_matter(world: World) -> None:
    await world.add_dag("a")
    await world.add_dag("b")
    for dag_id in ("a", "b"):
        async with world.store.batch(dag_id) as batch:
            assert await batch.taken([run.logical_date for run in specs("x", 3)]) == {}
            assert await batch.last_run(Prefix("x")) == LastRun()
            await batch.insert(specs("x", 3), {}, NOW)
    assert len(await all_ids(world)) == 6


async def test_taken_dates_are_told_with_their_runs(world: World) -> None:
    await world.add_dag("a")
    exact = NOON + timedelta(microseconds=1)
    await world.add_run("a", "one", NOON)
    await world.add_run("a", "two", exact)
    await world.add_run("b", "three", NOON + DAY)
    async with world.store.batch("a") as batch:
        assert await batch.taken([NOON, exact, NOON + DAY]) == {NOON: "one", exact: "two"}
        assert await batch.taken([NOON + DAY]) == {}
        many = [NOON + timedelta(minutes=number) for number in range(5000)]
        assert await batch.taken(many) == {NOON: "one"}
    assert await world.store.taken("a", [NOON, exact, NOON + DAY]) == {NOON: "one", exact: "two"}


@pytest.mark.parametrize(
    ("run_ids", "highest"),
    [
        ([], 0),
        (["x_0000007_2017-01-01T00:00:00", "x_0000012_2016-01-01T00:00:00"], 12),
        (["x_9999999_2017-01-01T00:00:00", "x_10000000_2017-01-01T00:00:00.000001"], 10_000_000),
        (
            [
                "x_000007_2017-01-01T00:00:00",
                "x_0000007",
                "x_0000008_",
                "x_0000009_tomorrow",
                "x_abcdefg_2017-01-01T00",
            ],
            0,
        ),
        (["x_y_0000005_2017-01-01T00:00:00", "X_0000005_2017-01-01T00:00:00", "xx_0000005_2017-01-01T00:00:00"], 0),
        (["x_9999999999999999999999_2017-01-01T00:00:00", "x_0000003_2017-01-01T00:00:00"], 3),
        (["xX0000005_2017-01-01T00:00:00", "x%0000005_2017-01-01T00:00:00"], 0),
    ],
)
async def test_the_last_number_is_the_highest_with_this_very_prefix(
    world: World, run_ids: list[str], highest: int
) -> None:
    await world.add_dag("a")
    for number, run_id in enumerate(run_ids):
        await world.add_run("a", run_id, NOON + number * DAY)
    await world.add_run("b", "x_0000099_2017-01-01T00:00:00", NOON)
    async with world.store.batch("a") as batch:
        assert (await batch.last_run(Prefix("x"))).number == highest
    assert (await world.store.last_run("a", Prefix("x"))).number == highest


@pytest.mark.parametrize("prefix", ["a.b", "a_b", "a-b", "a~b", "a:b", "a+b", "9", "_", "-", "Z9z"])
async def test_the_last_number_is_found_behind_any_prefix(world: World, prefix: Prefix) -> None:
    await world.add_dag("a")
    await world.add_run("a", f"{prefix}_0000041_2017-01-01T00:00:00", NOON)
    await world.add_run("a", f"{prefix}_9999998_2017-01-01T00:00:00", NOON + DAY)
    await world.add_run("a", "axb_0000043_2017-01-01T00:00:00", NOON + 2 * DAY)
    async with world.store.batch("a") as batch:
        assert (await batch.last_run(Prefix(prefix))).number == 9_999_998
        numbers = [number for number in (0, 4, 40, 41, 42, 43, 9_999_998) if await batch.has_number(prefix, number)]
        assert numbers == [41, 9_999_998]


async def test_batches_of_one_dag_take_turns_and_none_is_lost(world: World) -> None:
    await world.add_dag("a")

    async def add(name: str) -> int:
        async with world.store.batch("a") as batch:
            taken = await batch.taken([run.logical_date for run in specs(name, 20)])
            missing = [run for run in specs(name, 20) if run.logical_date not in taken]
            await asyncio.sleep(0.01)
            if missing:
                await batch.insert(missing, {}, NOW)
            return len(missing)

    added = await asyncio.gather(*(add(f"p{number}") for number in range(5)))
    assert sorted(added) == [0, 0, 0, 0, 20]
    assert len(await all_ids(world)) == 20
